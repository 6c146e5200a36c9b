"""The language model in PyTorch: the same network, streams, dropout, clipping, schedule and steps as
`ressac train language`, for `beside_torch.py`, which runs it.

    python peer_torch.py FOLDER HIDDEN LAYERS EPOCHS SEED THREADS

FOLDER holds ptb.train.txt, ptb.valid.txt and ptb.test.txt. Prints one JSON object: seconds of training with its validations; the
perplexities of the validation part (ten streams) and of the test part (one).
"""

import collections
import json
import math
import sys
import time
from pathlib import Path

import torch

folder, *numbers = sys.argv[1:]
hidden, layers, epochs, seed, threads = map(int, numbers)
BATCH, WINDOW, LR, DROPOUT, DECAY, ROWS = 20, 35, 3e-3, 0.3, 0.99, 10
torch.set_num_threads(threads)
torch.manual_seed(seed)


def read(name):
    return [word for line in (Path(folder) / name).read_text().splitlines() for word in [*line.split(), "\n"]]


parts = {part: read(f"ptb.{part}.txt") for part in ("train", "valid", "test")}
known = {word: at for at, (word, _) in enumerate(collections.Counter(parts["train"]).most_common())}
END = known["\n"]


def streams(part, rows):
    words = torch.tensor([END] + [known[word] for word in parts[part]])
    length = (len(words) - 1) // rows
    return words[: rows * length].view(rows, length), words[1 : rows * length + 1].view(rows, length)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(len(known), hidden)
        torch.nn.init.normal_(self.embedding.weight, std=hidden**-0.5)
        self.recurrent = torch.nn.LSTM(hidden, hidden, layers, batch_first=True, dropout=DROPOUT)
        self.bias = torch.nn.Parameter(torch.zeros(len(known)))

    def forward(self, words, state):
        drop = torch.nn.functional.dropout
        output, state = self.recurrent(drop(self.embedding(words), DROPOUT, self.training), state)
        output = drop(output, DROPOUT, self.training)
        return torch.nn.functional.linear(output, self.embedding.weight, self.bias), state


def perplexity(network, part, rows, window):
    network.eval()
    words, following = streams(part, rows)
    state, total = None, 0.0
    with torch.inference_mode():
        for at in range(0, words.shape[1], window):
            logits, state = network(words[:, at : at + window], state)
            truth = following[:, at : at + window].reshape(-1)
            total += torch.nn.functional.cross_entropy(logits.flatten(0, 1), truth, reduction="sum").item()
    network.train()
    return math.exp(total / following.numel())


words, following = streams("train", BATCH)
network = Network()
average = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(DECAY))
optimiser = torch.optim.AdamW(network.parameters(), lr=LR, weight_decay=0.01, fused=True)
each = math.ceil(words.shape[1] / WINDOW)
planned = each * epochs


def rate(step, warmup=20, floor=0.01):
    if step < warmup:
        return (step + 1) / warmup
    gone = min((step - warmup) / max(planned - warmup, 1), 1)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * gone))


start, step = time.perf_counter(), 0
for _ in range(epochs):
    state = None
    for at in range(0, words.shape[1], WINDOW):
        for group in optimiser.param_groups:
            group["lr"] = LR * rate(step)
        optimiser.zero_grad()
        logits, state = network(words[:, at : at + WINDOW], state)
        state = tuple(part.detach() for part in state)
        truth = following[:, at : at + WINDOW].reshape(-1)
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), truth).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0, foreach=True)
        optimiser.step()
        average.update_parameters(network)
        step += 1
    valid = perplexity(average, "valid", ROWS, WINDOW)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "steps": step, "valid": valid, "perplexity": perplexity(average, "test", 1, 256)}))
