#!/usr/bin/env python3
"""How good images are that a GAN makes after so many minutes on this machine, and whether it collapses or copies.

    bench/gan/run.py fashion --seeds 1      # photos of clothes: the defaults for 5, 15 and 30 minutes
    bench/gan/run.py seeds --seeds 1,2,3,4,5,6,7,8,9,10  # five minutes of the defaults, ten times: none may collapse
    bench/gan/run.py cifar --seeds 1        # 5,000 small photographs, with and without augmentation
    bench/gan/run.py few --seeds 1          # 300 photos of clothes: does it make copies?
    bench/gan/run.py kinds --seeds 1        # both models and every loss, five minutes each

The data lie beside the repository (`../shared/data`) and are not part of it. Distances are on features of an encoder that each
training trains on its own training part, so they compare runs on the same data, not with published ones. `tried.json` lists what was
tried to choose the defaults, all on validation data.
"""

import gzip
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from accuracy import main

IMAGES = "fashion_mnist/train-images-idx3-ubyte.gz"
LABELS = "fashion_mnist/train-labels-idx1-ubyte.gz"
CLOTHES = ["--data", IMAGES, "--test", "fashion_mnist/t10k-images-idx3-ubyte.gz"]
PHOTOS = ["--data", "cifar10_small/train_5000.bin"]
LONG = ["--steps", "1000000"]
FEW = 300


def minutes(count, every=500):
    """Training for so many minutes, validated every so many steps."""
    return [*LONG, "--validate-every", str(every), "--time-limit", f"{count}m"]


def few(folder, task, out):
    """The first images of the clothes and their classes, as IDX files."""
    if task != "few":
        return
    for name, header in ((IMAGES, 16), (LABELS, 8)):
        content = gzip.decompress((folder / name).read_bytes())
        size = 28 * 28 if header == 16 else 1
        whole = content[:4] + FEW.to_bytes(4, "big") + content[8 : header + FEW * size]
        (out / Path(name).name.removesuffix(".gz")).write_bytes(whole)


LOSSES = ("relativistic", "hinge", "non-saturating", "least-squares", "wasserstein")
TASKS = {
    "fashion": {f"{count} min": ([*CLOTHES, *minutes(count)], []) for count in (5, 15, 30)},
    "seeds": {"5 min": ([*CLOTHES, *minutes(5)], [])},
    "cifar": {
        "defaults": ([*PHOTOS, *minutes(30)], []),
        "without augmentation": ([*PHOTOS, *minutes(30), "--augment", "0"], []),
    },
    "few": {
        "defaults": (["--data", "train-images-idx3-ubyte", "--test", "fashion_mnist/t10k-images-idx3-ubyte.gz", *minutes(10, 200)], []),
    },
    "kinds": {
        f"{model}, {loss}": ([*CLOTHES, *minutes(5), "--model", model, "--loss", loss], [])
        for model in ("residual", "dcgan")
        for loss in LOSSES
    },
}
TRIED = json.loads((Path(__file__).resolve().parent / "tried.json").read_text())
SHOWN = ("kid", "frechet", "precision", "recall", "density", "coverage", "diversity")


def health(record):
    """Alarms of collapse, and how near made images are to those learnt from."""
    lines = []
    for result in record["results"]:
        figures = result["figures"]
        copies = figures["copies"]
        lines.append(
            f"- {result['run']}, seed {result['seed']}: {result['steps']} steps, {figures['collapse_alarms']} alarms of collapse; "
            f"median distance to the nearest image learnt from {copies['made_to_training']:.4f}, of held-back ones "
            f"{copies['held_back_to_training']:.4f}, {100 * copies['near_share']:.1f} % nearer than all but 1 % of these"
        )
    return "\n" + "\n".join(lines) + "\n"


main(__doc__.split("\n")[0], "gan", TASKS, SHOWN, None, TRIED, health, make=few)
