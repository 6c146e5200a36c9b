"""The classifier of texts in PyTorch: the same network, batches, dropout, clipping, schedule and steps as
`ressac train classify`, for `beside_torch.py`, which runs it.

    python peer_torch.py FOLDER MODEL WORDS STEPS EPOCHS AVERAGING SEED THREADS SEQUENCES TABLE

FOLDER holds train.tsv, dev.tsv and test.tsv. STEPS 0: all of the epochs. SEQUENCES: `packed`, or `padded`, where the
reverse direction reads the padding before the words. TABLE: `dense`, every parameter by the fused AdamW; or `sparse`,
the table by SparseAdam. AVERAGING: `none`, or the decay of an exponential average. Prints one JSON object: seconds of
training with its validations, and of the classes of the test part; the accuracies.
"""

import collections
import json
import math
import random
import re
import sys
import time
from pathlib import Path

import torch

folder, model, *numbers = sys.argv[1:]
most, steps, epochs = map(int, numbers[:3])
decay = None if numbers[3] == "none" else float(numbers[3])
seed, threads = map(int, numbers[4:6])
sequences, table = numbers[6:]
BATCH, LR, WIDTH, HIDDEN, POOL = 32, 2e-3, 100, 64, 50
EMBEDDING_DROPOUT, WORD_DROPOUT, DROPOUT = 0.5, 0.1, 0.3
torch.set_num_threads(threads)
torch.manual_seed(seed)
random.seed(seed)
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]|_")


def read(name):
    lines = (Path(folder) / name).read_text().splitlines()
    pairs = [line.rsplit("\t", 1) for line in lines]
    return [WORD.findall(text.lower()) for text, _ in pairs], [int(label) for _, label in pairs]


texts, labels = read("train.tsv")
counts = collections.Counter(word for text in texts for word in text)
numbers = {word: 1 + at for at, (word, _) in enumerate(counts.most_common(most))}


def encoded(texts):
    return [torch.tensor([numbers.get(word, 0) for word in text] or [0]) for text in texts]


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(len(numbers) + 1, WIDTH, sparse=table == "sparse")
        torch.nn.init.normal_(self.embedding.weight, std=WIDTH**-0.5)
        kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[model]
        self.recurrent = kind(WIDTH, HIDDEN, batch_first=True, bidirectional=True)
        self.head = torch.nn.Linear(2 * HIDDEN, 2)

    def forward(self, words, lengths):
        if self.training:
            words = words.masked_fill(torch.rand(words.shape) < WORD_DROPOUT, 0)
        vectors = torch.nn.functional.dropout(self.embedding(words), EMBEDDING_DROPOUT, self.training)
        if sequences == "packed":
            packed = torch.nn.utils.rnn.pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
            output, _ = self.recurrent(packed)
            output, _ = torch.nn.utils.rnn.pad_packed_sequence(output, batch_first=True, padding_value=-math.inf)
        else:
            output, _ = self.recurrent(vectors)
            padding = torch.arange(words.shape[1]) >= lengths[:, None]
            output = output.masked_fill(padding[:, :, None], -math.inf)
        pooled = output.amax(1)
        return self.head(torch.nn.functional.dropout(pooled, DROPOUT, self.training))


def batch_of(words, places):
    chosen = [words[at] for at in places]
    lengths = torch.tensor([len(one) for one in chosen])
    return torch.nn.utils.rnn.pad_sequence(chosen, batch_first=True), lengths


def by_length(words):
    order = random.sample(range(len(words)), len(words))
    batches = []
    for first in range(0, len(order), BATCH * POOL):
        pool = sorted(order[first : first + BATCH * POOL], key=lambda at: len(words[at]))
        batches += [pool[at : at + BATCH] for at in range(0, len(pool), BATCH)]
    random.shuffle(batches)
    return batches


def classes(network, words):
    found = torch.zeros(len(words), dtype=torch.long)
    network.eval()
    order = sorted(range(len(words)), key=lambda at: len(words[at]))
    with torch.inference_mode():
        for first in range(0, len(order), 256):
            places = order[first : first + 256]
            found[places] = network(*batch_of(words, places)).argmax(1)
    network.train()
    return found


def accuracy(network, words, truth):
    return (classes(network, words) == truth).float().mean().item()


truth = torch.tensor(labels)
words = encoded(texts)
valid_texts, valid_labels = read("dev.tsv")
valid, valid_truth = encoded(valid_texts), torch.tensor(valid_labels)
network = Network()
average = None
if decay is not None:
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay)
    )
rest = [value for name, value in network.named_parameters() if table == "dense" or not name.startswith("embedding")]
optimisers = [torch.optim.AdamW(rest, lr=LR, weight_decay=0.01, fused=True)]
if table == "sparse":
    optimisers.append(torch.optim.SparseAdam([network.embedding.weight], lr=LR))
planned = steps or math.ceil(len(words) / BATCH) * epochs


def rate(step, warmup=20, floor=0.01):
    if step < warmup:
        return (step + 1) / warmup
    gone = min((step - warmup) / max(planned - warmup, 1), 1)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * gone))


def clip():
    if table == "dense":
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0, foreach=True)
        return
    # `clip_grad_norm_` takes no sparse gradient.
    weight = network.embedding.weight
    weight.grad = weight.grad.coalesce()
    gradients = [value.grad for value in rest] + [weight.grad.values()]
    scale = min(1.0, 1.0 / (torch.nn.utils.get_total_norm(gradients, foreach=True).item() + 1e-6))
    if scale < 1.0:
        torch._foreach_mul_(gradients, scale)


start, step = time.perf_counter(), 0
while step < planned:
    for places in by_length(words):
        if step == planned:
            break
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = LR * rate(step)
            optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(*batch_of(words, places)), truth[places])
        loss.backward()
        clip()
        for optimiser in optimisers:
            optimiser.step()
        if average is not None:
            average.update_parameters(network)
        step += 1
    validated = accuracy(average or network, valid, valid_truth)
seconds = time.perf_counter() - start

test_texts, test_labels = read("test.tsv")
predict = []
for _ in range(3):
    start = time.perf_counter()
    found = classes(average or network, encoded(test_texts))
    predict.append(time.perf_counter() - start)
print(json.dumps({
    "seconds": seconds, "steps": step, "words": len(numbers), "valid": validated, "predict": min(predict),
    "accuracy": (found == torch.tensor(test_labels)).float().mean().item(),
}))
