"""A translator of Ressac in PyTorch: the same weights, the same subwords, the same beam search, for `beside_torch.py`, which runs
it.

    python peer_torch.py MODEL SOURCES OUT BEAM THREADS

MODEL is a model folder: a GRU, subwords of each side, attention, tied. Writes the translations of SOURCES line by line to OUT.
Prints one JSON object: seconds from the numbers of the sources to those of the translations, 32 sentences side by side and one by one.
"""

import json
import math
import struct
import sys
import time
import tomllib
from pathlib import Path

import numpy
import torch
from torch.nn import functional

model, sources, out, beam, threads = sys.argv[1:]
BEAM, AT_ONCE, ALPHA = int(beam), 32, 1.0
torch.set_num_threads(int(threads))
config = tomllib.loads((Path(model) / "config.toml").read_text())
pipeline = json.loads((Path(model) / "pipeline.json").read_text())


def tensors():
    data = (Path(model) / "weights.safetensors").read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    head, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    read = lambda of: numpy.frombuffer(body[slice(*of["data_offsets"])], dtype=numpy.float32).reshape(of["shape"])
    return {name: torch.tensor(read(of)) for name, of in head.items() if name != "__metadata__"}


WEIGHTS = tensors()
HIDDEN = WEIGHTS["encoder.layers.0.recurrent_weights"].shape[1]


class Subwords:
    def __init__(self, saved):
        self.numbers = saved["subwords"]["vocab"]
        self.tokens = {number: token for token, number in self.numbers.items()}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(saved["subwords"]["merges"])}
        self.end = len(self.numbers)

    def runs(self, text):
        runs, kind, space = [], None, True
        for letter in text:
            if letter.isspace():
                kind, space = None, True
                continue
            own = letter.isalnum() or "\u0300" <= letter <= "\u036f"
            if kind == own and len(runs[-1].lstrip("▁")) < 64:
                runs[-1] += letter
            else:
                runs.append(("▁" if space else "") + letter)
                kind = own
            space = False
        return runs

    def encode(self, text):
        numbers = []
        for run in self.runs(text):
            parts = list(run)
            while len(parts) > 1:
                pairs = [(self.ranks.get(pair, len(self.ranks)), pair) for pair in zip(parts, parts[1:])]
                rank, best = min(pairs)
                if rank == len(self.ranks):
                    break
                merged, at = [], 0
                while at < len(parts):
                    if tuple(parts[at : at + 2]) == best:
                        merged.append(parts[at] + parts[at + 1])
                        at += 2
                    else:
                        merged.append(parts[at])
                        at += 1
                parts = merged
            numbers += [self.numbers.get(part, 0) for part in parts]
        return numbers

    def decode(self, numbers):
        return "".join(self.tokens[number] for number in numbers).replace("▁", " ").lstrip()


def gru(prefix, layers, directions):
    first = WEIGHTS[f"{prefix}.layers.0.input_weights"]
    network = torch.nn.GRU(first.shape[1], HIDDEN, layers, batch_first=True, bidirectional=directions == 2)
    with torch.no_grad():
        for at in range(layers * directions):
            suffix = f"l{at // directions}" + ("_reverse" if at % directions else "")
            name = f"{prefix}.layers.{at}"
            bias = WEIGHTS[f"{name}.bias"]
            getattr(network, f"weight_ih_{suffix}").copy_(WEIGHTS[f"{name}.input_weights"])
            getattr(network, f"weight_hh_{suffix}").copy_(WEIGHTS[f"{name}.recurrent_weights"])
            getattr(network, f"bias_ih_{suffix}").copy_(bias[: 3 * HIDDEN])
            getattr(network, f"bias_hh_{suffix}").copy_(torch.cat([torch.zeros(2 * HIDDEN), bias[3 * HIDDEN :]]))
    return network.eval()


LAYERS = config["layers"]
encoder, first, rest = gru("encoder", LAYERS, 2), gru("decoder.first", 1, 1), gru("decoder.rest", LAYERS - 1, 1)
embedding, of_sources = WEIGHTS["decoder.embedding.weights"], WEIGHTS["embedding.weights"]
linear = lambda name, x: functional.linear(x, WEIGHTS[f"{name}.weights"], WEIGHTS.get(f"{name}.bias"))


def encode(batch):
    lengths = torch.tensor([len(source) for source in batch])
    padded = torch.nn.utils.rnn.pad_sequence([torch.tensor(source) for source in batch], batch_first=True)
    packed = torch.nn.utils.rnn.pack_padded_sequence(of_sources[padded], lengths, batch_first=True, enforce_sorted=False)
    output, last = encoder(packed)
    values, _ = torch.nn.utils.rnn.pad_packed_sequence(output, batch_first=True)
    state = torch.tanh(linear("bridge", torch.cat([last[-2], last[-1]], 1)))
    state = state.view(len(batch), LAYERS, HIDDEN).transpose(0, 1).contiguous()
    absent = torch.arange(values.shape[1]) >= lengths[:, None]
    return state[:1], state[1:], values, linear("decoder.attention.keys", values), absent


def scores(query, keys):
    if (vector := WEIGHTS.get("decoder.attention.vector")) is None:
        return query @ keys.transpose(1, 2)
    return (linear("decoder.attention.queries", query)[:, :, None] + keys[:, None]).tanh() @ vector


def search(batch, longest):
    """The best translation of each source."""
    one, two, values, keys, absent = encode(batch)
    alive = list(range(len(batch)))
    texts, scores = [[[]] for _ in batch], [[0.0] for _ in batch]
    done, best = [[] for _ in batch], [[] for _ in batch]
    while alive:
        tokens = torch.tensor([text[-1] if text else END for at in alive for text in texts[at]])
        embedded = embedding[tokens][:, None]
        output, one = first(embedded, one)
        weights = scores(output, keys).masked_fill(absent[:, None], -torch.inf).softmax(2)
        context = weights @ values
        output, two = rest(torch.cat([output, context], 2), two)
        read = torch.tanh(linear("decoder.readout", torch.cat([output, context, embedded], 2)))[:, 0]
        logits = functional.linear(read, embedding, WEIGHTS["decoder.bias"]).log_softmax(1)
        row, kept, left = 0, [], []
        top, places = logits.topk(2 * BEAM, 1)
        top, places = top.tolist(), places.tolist()
        for at in alive:
            count = len(texts[at])
            candidates = [
                (-(scores[at][own] + value), own, token)
                for own in range(count) for value, token in zip(top[row + own], places[row + own])
            ]
            candidates.sort()
            new, parents, values_of = [], [], []
            for rank, (minus, own, token) in enumerate(candidates[: 2 * BEAM]):
                if token == END:
                    if rank < BEAM:
                        text = texts[at][own]
                        done[at].append((-minus / ((5 + len(text) + 1) / 6) ** ALPHA, text))
                elif len(new) < BEAM:
                    new.append(texts[at][own] + [token])
                    parents.append(row + own)
                    values_of.append(-minus)
            texts[at], scores[at] = new, values_of
            ended = not new or len(new[0]) >= longest[at]
            if ended and not done[at]:
                done[at] = [(score / ((5 + len(text)) / 6) ** ALPHA, text) for score, text in zip(values_of, new)]
            going = max((score / ((5 + len(text)) / 6) ** ALPHA for score, text in zip(values_of, new)), default=-math.inf)
            if ended or len(done[at]) >= BEAM and max(done[at])[0] >= going:
                best[at] = max(done[at], key=lambda found: found[0])[1]
            else:
                kept += parents
                left.append(at)
            row += count
        alive = left
        if kept:
            kept = torch.tensor(kept)
            one, two = one[:, kept], two[:, kept]
            values, keys, absent = values[kept], keys[kept], absent[kept]
    return best


from_text, to_text = Subwords(pipeline["sources"]), Subwords(pipeline["targets"])
END = to_text.end
lines = Path(sources).read_text().splitlines()
encoded = [from_text.encode(line) for line in lines]
longest = [int(2 * max(pipeline["ratio"], 0.5) * len(source)) + 10 for source in encoded]


def translated(at_once):
    found = [[] for _ in encoded]
    order = sorted((at for at in range(len(encoded)) if encoded[at]), key=lambda at: len(encoded[at]))
    start = time.perf_counter()
    for from_ in range(0, len(order), at_once):
        places = order[from_ : from_ + at_once]
        for at, text in zip(places, search([encoded[at] for at in places], [longest[at] for at in places])):
            found[at] = text
    return found, time.perf_counter() - start


with torch.inference_mode():
    found, seconds = translated(AT_ONCE)
    encoded, all_found = encoded[:100], found
    _, alone = translated(1)
Path(out).write_text("".join(to_text.decode(text) + "\n" for text in all_found))
print(json.dumps({"seconds": seconds, "alone": alone / len(encoded)}))
