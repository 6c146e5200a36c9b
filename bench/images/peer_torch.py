"""PyTorch's side of `run.py`: the same requests and answers, line by line, as the Rust side (src/main.rs). The side is `default`
or `channels_last`, the memory format of the maps."""

import json
import sys
import time

import torch
from torch import nn

torch.manual_seed(1)


class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return torch.relu(self.layers(x) + x)


def half(layer, channels_in, channels_out, bias):
    return layer(channels_in, channels_out, 4, 2, 1, bias=bias)


def network(name):
    """The layers, and the shape of what they read."""
    conv, up, norm = nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d
    relu, leaky = lambda: nn.ReLU(), lambda: nn.LeakyReLU(0.2)
    if name == "generator-28":
        return [
            nn.Flatten(), nn.Linear(100, 6272), nn.Unflatten(1, (128, 7, 7)), norm(128), relu(),
            half(up, 128, 64, False), norm(64), relu(), half(up, 64, 1, True), nn.Tanh(),
        ], (64, 100, 1, 1)
    if name == "discriminator-28":
        return [
            half(conv, 1, 64, True), leaky(), half(conv, 64, 128, False), norm(128), leaky(), nn.Flatten(), nn.Linear(6272, 1),
        ], (64, 1, 28, 28)
    if name == "generator-64":
        layers = [up(100, 512, 4, 1, 0, bias=False), norm(512), relu()]
        for channels in (256, 128, 64):
            layers += [half(up, 2 * channels, channels, False), norm(channels), relu()]
        return [*layers, half(up, 64, 3, True), nn.Tanh()], (32, 100, 1, 1)
    if name == "discriminator-64":
        layers = [half(conv, 3, 64, True), leaky()]
        for channels in (128, 256, 512):
            layers += [half(conv, channels // 2, channels, False), norm(channels), leaky()]
        return [*layers, conv(512, 1, 4, 1, 0)], (32, 3, 64, 64)
    if name == "residual-32":
        three = lambda a, b, stride=1: conv(a, b, 3, stride, 1, bias=False)
        block = lambda c: Residual(three(c, c), norm(c), relu(), three(c, c), norm(c))
        return [
            three(3, 32), norm(32), relu(), block(32), three(32, 64, 2), norm(64), relu(), block(64),
            three(64, 128, 2), norm(128), relu(), block(128), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10),
        ], (32, 3, 32, 32)
    if name == "dense":
        return [
            nn.Flatten(), nn.Linear(784, 256), relu(), nn.Linear(256, 32), relu(), nn.Linear(32, 256), relu(),
            nn.Linear(256, 784), nn.Sigmoid(),
        ], (128, 784, 1, 1)
    sys.exit(f"no network is called {name}")


made = {}


def measure(name, side, threads, seconds):
    """Times single training steps for about `seconds`, after steps that are not counted."""
    torch.set_num_threads(threads)
    if (name, side) not in made:
        layers, shape = network(name)
        format = {"default": torch.contiguous_format, "channels_last": torch.channels_last}[side]
        model = nn.Sequential(*layers).to(memory_format=format)
        values = torch.randn(shape).to(memory_format=format)
        made[name, side] = model, values, torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    model, values, optimiser = made[name, side]

    def step():
        optimiser.zero_grad(set_to_none=True)
        output = model(values)
        (output * output).mean().backward()
        optimiser.step()

    warm = time.perf_counter()
    step()
    step()
    while time.perf_counter() - warm < seconds / 10:
        step()
    milliseconds = []
    start = time.perf_counter()
    while time.perf_counter() - start < seconds or len(milliseconds) < 3:
        one = time.perf_counter()
        step()
        milliseconds.append((time.perf_counter() - one) * 1e3)
    milliseconds.sort()
    return {"median_ms": milliseconds[len(milliseconds) // 2], "min_ms": milliseconds[0], "calls": len(milliseconds)}


print(json.dumps({"side": "torch", "version": torch.__version__}), flush=True)
for line in sys.stdin:
    name, side, threads, seconds = line.split()
    print(json.dumps(measure(name, side, int(threads), float(seconds))), flush=True)
