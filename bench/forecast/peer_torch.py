"""The segment forecaster (SegRNN, Lin et al. 2023) on ETTh1 in PyTorch: the same network, windows, batch, optimiser,
schedule and steps as `ressac train forecast --model segment`, for `beside_torch.py`, which runs it.

    python peer_torch.py DATA CONTEXT HORIZON SEGMENT HIDDEN DROPOUT BATCH EPOCHS LR SEED THREADS

Prints one JSON object: seconds of training with its validations, and the test error of the best epoch.
"""

import csv
import json
import math
import sys
import time

import numpy as np
import torch

data, *numbers = sys.argv[1:]
context, horizon, segment, hidden = map(int, numbers[:4])
dropout, (batch, epochs), lr = float(numbers[4]), map(int, numbers[5:7]), float(numbers[7])
seed, threads = map(int, numbers[8:])
torch.set_num_threads(threads)
torch.manual_seed(seed)

with open(data) as file:
    rows = [list(map(float, row[1:])) for row in list(csv.reader(file))[1:]]
values = np.array(rows)[:14400]
mean, deviation = values[:8640].mean(0), values[:8640].std(0)
series = torch.tensor((values - mean) / deviation, dtype=torch.float32)
columns = series.shape[1]


def origins(start, end):
    return torch.arange(max(start, context), end - horizon + 1)


train, valid, test = origins(0, 8640), origins(8640, 11520), origins(11520, 14400)


def windows(at):
    past = series[at[:, None] + torch.arange(-context, 0)]
    return past, series[at[:, None] + torch.arange(horizon)]


class SegRnn(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Sequential(torch.nn.Linear(segment, hidden), torch.nn.ReLU())
        self.gru = torch.nn.GRU(hidden, hidden, batch_first=True)
        self.position = torch.nn.Parameter(torch.randn(horizon // segment, hidden // 2))
        self.column = torch.nn.Parameter(torch.randn(columns, hidden // 2))
        self.predict = torch.nn.Sequential(torch.nn.Dropout(dropout), torch.nn.Linear(hidden, segment))

    def forward(self, past):
        count = past.shape[0]
        last = past[:, -1:]
        parts = (past - last).transpose(1, 2).reshape(count * columns, -1, segment)
        _, state = self.gru(self.embed(parts))
        ahead = horizon // segment
        query = torch.cat(
            [
                self.position.unsqueeze(0).repeat(columns, 1, 1),
                self.column.unsqueeze(1).repeat(1, ahead, 1),
            ],
            dim=-1,
        )
        query = query.view(-1, 1, hidden).repeat(count, 1, 1)
        _, decoded = self.gru(query, state.repeat(1, 1, ahead).view(1, -1, hidden))
        return self.predict(decoded).view(count, columns, horizon).transpose(1, 2) + last


network = SegRnn()
optimiser = torch.optim.AdamW(network.parameters(), lr=lr, weight_decay=0.01)
per_epoch = math.ceil(len(train) / batch)
planned = per_epoch * epochs


def rate(step, warmup=20, floor=0.01):
    if step < warmup:
        return (step + 1) / warmup
    gone = min((step - warmup) / max(planned - warmup, 1), 1)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * gone))


def errors(at):
    network.eval()
    absolute = squared = 0.0
    with torch.inference_mode():
        for part in at.split(256):
            past, truth = windows(part)
            error = network(past) - truth
            absolute += error.abs().mean().item() * len(part)
            squared += error.square().mean().item() * len(part)
    network.train()
    return absolute / len(at), squared / len(at)


start, step, best = time.perf_counter(), 0, (math.inf, None)
for _ in range(epochs):
    for part in train[torch.randperm(len(train))].split(batch):
        for group in optimiser.param_groups:
            group["lr"] = lr * rate(step)
        past, truth = windows(part)
        loss = (network(past) - truth).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
    found = errors(valid)[0]
    if found < best[0]:
        best = (found, {name: tensor.clone() for name, tensor in network.state_dict().items()})
seconds = time.perf_counter() - start
network.load_state_dict(best[1])
mae, mse = errors(test)
print(json.dumps({"seconds": seconds, "steps": step, "mse": mse, "mae": mae, "valid": best[0]}))
