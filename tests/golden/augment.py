#!/usr/bin/env python3
"""Writes augment.txt: what Pillow makes of small pictures, operation by operation.

    python3 tests/golden/augment.py >tests/golden/augment.txt

Lines are `picture HEIGHT WIDTH CHANNELS BYTES` and, for the picture before them,
`operation NAME AMOUNT BYTES`; amounts as in include/taildart/augment.h, bytes in hexadecimal,
rows of pixels.  Made with Pillow 9.4.
"""
import math
import random

from PIL import Image, ImageEnhance, ImageOps

HEIGHT, WIDTH = 8, 11


def pictures():
    """Noise, a slope with few values, one that is dark and narrow; colour and grey."""
    chance = random.Random(7)
    for channels in (3, 1):
        yield channels, bytes(chance.randrange(256) for _ in range(HEIGHT * WIDTH * channels))
        yield channels, bytes((i // channels * 5 + i % channels * 40) % 256 // 32 * 32
                              for i in range(HEIGHT * WIDTH * channels))
        yield channels, bytes(20 + chance.randrange(30) for _ in range(HEIGHT * WIDTH * channels))


def warp(image, matrix):
    grey = 128 if image.mode == "L" else (128, 128, 128)
    return image.transform(image.size, Image.AFFINE, matrix, Image.NEAREST, fillcolor=grey)


def rotate(image, degrees):
    grey = 128 if image.mode == "L" else (128, 128, 128)
    return image.rotate(degrees, Image.NEAREST, fillcolor=grey)


OPERATIONS = {
    "identity": lambda i, a: i,
    "shear-x": lambda i, a: warp(i, (1, a, 0, 0, 1, 0)),
    "shear-y": lambda i, a: warp(i, (1, 0, 0, a, 1, 0)),
    "translate-x": lambda i, a: warp(i, (1, 0, a * WIDTH, 0, 1, 0)),
    "translate-y": lambda i, a: warp(i, (1, 0, 0, 0, 1, a * HEIGHT)),
    "rotate": rotate,
    "brightness": lambda i, a: ImageEnhance.Brightness(i).enhance(a),
    "color": lambda i, a: ImageEnhance.Color(i).enhance(a),
    "contrast": lambda i, a: ImageEnhance.Contrast(i).enhance(a),
    "sharpness": lambda i, a: ImageEnhance.Sharpness(i).enhance(a),
    "posterize": lambda i, a: ImageOps.posterize(i, int(a)),
    "solarize": lambda i, a: ImageOps.solarize(i, a),
    "autocontrast": lambda i, a: ImageOps.autocontrast(i),
    "equalize": lambda i, a: ImageOps.equalize(i),
    "invert": lambda i, a: ImageOps.invert(i),
}
AMOUNTS = {
    "shear-x": (0.3, -0.2333333333), "shear-y": (0.2666666667, -0.1),
    "translate-x": (150 / 331, -0.2), "translate-y": (0.3, -150 / 331),
    "rotate": (6.666666667, -30, 17),
    "brightness": (1.9, 0.1, 0.7), "color": (1.9, 0.3), "contrast": (1.6, 0.4),
    "sharpness": (1.9, 0.1), "posterize": (4, 7, 8), "solarize": (0, 113.7777778, 256),
}

for channels, pixels in pictures():
    picture = Image.frombytes("RGB" if channels == 3 else "L", (WIDTH, HEIGHT), pixels)
    print("picture", HEIGHT, WIDTH, channels, pixels.hex())
    for name, operation in OPERATIONS.items():
        for amount in AMOUNTS.get(name, (0,)):
            assert math.isfinite(amount)
            print("operation", name, f"{amount:.12g}", operation(picture, amount).tobytes().hex())
