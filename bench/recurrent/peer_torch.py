"""PyTorch's side of `run.py`: the same requests and answers, line by line, as the Rust side (src/main.rs)."""

import json
import sys
import time

import torch

torch.manual_seed(1)
NETWORKS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
made = {}


def measure(kind, batch, steps, features, hidden, mode, threads, seconds):
    """Times single calls for about `seconds`, after calls that are not counted."""
    torch.set_num_threads(threads)
    key = (kind, features, hidden)
    if key not in made:
        made[key] = NETWORKS[kind](features, hidden, batch_first=True)
    network = made[key]
    values = torch.randn(batch, steps, features)

    def train():
        network.zero_grad(set_to_none=True)
        output, _ = network(values)
        output.sum().backward()

    def infer():
        with torch.inference_mode():
            network(values)

    call = {"train": train, "infer": infer}[mode]
    warm = time.perf_counter()
    call()
    call()
    while time.perf_counter() - warm < seconds / 10:
        call()
    milliseconds = []
    start = time.perf_counter()
    while time.perf_counter() - start < seconds or len(milliseconds) < 3:
        one = time.perf_counter()
        call()
        milliseconds.append((time.perf_counter() - one) * 1e3)
    milliseconds.sort()
    return {
        "median_ms": milliseconds[len(milliseconds) // 2],
        "min_ms": milliseconds[0],
        "calls": len(milliseconds),
    }


print(json.dumps({"side": "torch", "version": torch.__version__}), flush=True)
for line in sys.stdin:
    kind, batch, steps, features, hidden, mode, threads, seconds = line.split()
    answer = measure(
        kind, int(batch), int(steps), int(features), int(hidden), mode, int(threads), float(seconds)
    )
    print(json.dumps(answer), flush=True)
