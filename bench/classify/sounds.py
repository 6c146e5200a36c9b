"""The sounds that `run.py` trains on: those of `ressac data sounds`, and English numbers spoken by many voices of espeak-ng.

Run as a program it writes the numbers: `python3 bench/classify/sounds.py FOLDER`.
"""

import array
import math
import random
import shutil
import subprocess
import sys
import wave
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from environment import ressac

# How far white noise lies below the sounds of the test part (dB); without noise they are evaluated anyway.
NOISES = (20, 10, 5, 0, -5)

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# How somebody who reads by the rules of another language has to read to say these words: with the accent of that language.
SPELT = {
    "de": ("siro", "wann", "tuh", "sri", "fohr", "faif", "sicks", "sewwen", "ejt", "nain"),
    "es": ("siro", "uan", "tu", "tri", "for", "faiv", "six", "séven", "eit", "nain"),
    "fr": ("ziro", "ouane", "tou", "sri", "fôr", "faillve", "sixe", "sévène", "eillt", "naïne"),
    "it": ("zero", "uan", "tu", "tri", "for", "faiv", "sics", "seven", "eit", "nain"),
    "nl": ("ziro", "wan", "toe", "srie", "foor", "faif", "siks", "seven", "eet", "nain"),
    "pl": ("ziro", "łan", "tu", "tri", "for", "fajw", "syks", "sewen", "ejt", "najn"),
    "sv": ("siro", "wann", "to", "tri", "får", "fajv", "sicks", "seven", "ejt", "najn"),
}
# A voice is an accent and, behind the +, a variant: other formants and another pitch. No accent and no variant is in two parts.
# `en` is British; espeak-ng 1.51 takes no variants of it by the name `en-gb`.
VOICES = {
    "train": (
        "en-us", "en-us+m1", "en-us+m3", "en-us+f1", "en-us+f2", "en-us+steph",
        "en", "en+m2", "en+f3", "en+linda", "en-gb-x-rp+m4", "en-gb-x-rp+f1", "en-gb-x-gbcwmd+m1", "en-gb-x-gbcwmd+f2",
        "de", "de+f2", "es+m2", "es+f3", "fr+m3", "fr+f1", "nl+m4", "nl+steph",
    ),
    "valid": ("en-gb-x-gbclan+m5", "en-us-nyc+f4", "it+m5", "it+f4"),
    "test": (
        "en-gb-scotland+m6", "en-gb-scotland+f5", "en-029+m7", "en-029+whisper", "pl+m7", "pl+croak", "sv+m6", "sv+f5",
    ),
}
SPEEDS = (140, 190)  # words a minute
PITCHES = (35, 65)  # of 0 to 99


def noisy(noise):
    """The folder of the test part under noise."""
    return f"noise{noise}"


def made_by_ressac(program, folder):
    """Folders `train` and `test`, and the same test sounds under noise; nothing else was used."""
    def make(out, count, *noise):
        ressac(program, "data", "sounds", "--out", out, "--count", count, "--test", 600, *noise, "--json")

    make(folder, 600)
    for noise in NOISES:
        make(folder / "made" / noisy(noise), 1, "--noise", noise)
        (folder / "made" / noisy(noise) / "test").rename(folder / noisy(noise))
    return {}


def spoken(_, folder):
    """Folders `train`, `valid` and `test` of the words, and the test part under noise, all by espeak-ng."""
    speaker = shutil.which("espeak-ng")
    if speaker is None:
        sys.exit("espeak-ng is not installed, and it speaks the words: apt-get install espeak-ng, or brew install espeak-ng")

    def run(*arguments):
        return subprocess.run([speaker, *arguments], check=True, capture_output=True, text=True).stdout

    # A variant that is not there would be left out without a word.
    variants = run("--voices=variant").split()
    for voice in (voice for part in VOICES.values() for voice in part):
        variant = voice.partition("+")[2]
        if variant and f"!v/{variant}" not in variants:
            sys.exit(f"this espeak-ng has no variant {variant}: take 1.51 or later")

    for part, voices in VOICES.items():
        for voice in voices:
            for word, spelt in zip(WORDS, SPELT.get(voice.partition("+")[0], WORDS)):
                (folder / part / word).mkdir(parents=True, exist_ok=True)
                for speed in SPEEDS:
                    for pitch in PITCHES:
                        path = folder / part / word / f"{voice}-{speed}-{pitch}.wav"
                        run("-v", voice, "-s", str(speed), "-p", str(pitch), "-z", "-w", str(path), spelt)
    heard = {}
    for path in sorted(path for part in VOICES for path in (folder / part).glob("*/*.wav")):
        other = heard.setdefault(path.read_bytes(), path)
        if other is not path:
            sys.exit(f"this espeak-ng speaks {other.name} and {path.name} alike")
    for path in sorted((folder / "test").glob("*/*.wav")):
        add_noise(path, {noise: folder / noisy(noise) / path.relative_to(folder / "test") for noise in NOISES})
    # "eSpeak NG text-to-speech: 1.51  Data at: …"
    return {"espeak-ng": run("--version").partition(": ")[2].split()[0]}


def add_noise(path, written):
    """Writes a sound of 16 bits under white noise so many dB below its mean power; the same noise, more or less of it."""
    with wave.open(str(path)) as file:
        parameters, samples = file.getparams(), array.array("h", file.readframes(file.getnframes()))
    if sys.byteorder == "big":
        samples.byteswap()
    draws = random.Random("/".join(path.parts[-2:]))
    white = [draws.gauss(0, 1) for _ in samples]
    power = sum(sample * sample for sample in samples) / len(samples)
    for noise, out in written.items():
        deviation = math.sqrt(power * 10 ** (-noise / 10))
        mixed = [sample + deviation * draw for sample, draw in zip(samples, white)]
        # Softer rather than cut off.
        scale = min(1, 32_767 / max(map(abs, mixed)))
        rounded = array.array("h", (round(scale * value) for value in mixed))
        if sys.byteorder == "big":
            rounded.byteswap()
        out.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(out), "wb") as file:
            file.setparams(parameters)
            file.writeframes(rounded.tobytes())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    spoken(None, Path(sys.argv[1]))
