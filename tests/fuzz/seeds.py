#!/usr/bin/env python3
"""The corpora that a program can make: tests/fuzz/seeds.py (h5py, numpy).

Valid inputs for the fuzzer to begin with, and inputs that once did harm.  What a reader
is given besides its input stands in its harness.
"""
import gzip
import os
import struct
import sys
import tempfile
import zlib

import h5py
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def put(reader, name, data):
    os.makedirs(os.path.join(FOLDER, reader), exist_ok=True)
    with open(os.path.join(FOLDER, reader, name), "wb") as file:
        file.write(data)


def pair(first, second):
    return struct.pack(">H", len(first)) + first + second


# ---- IDX, gzip, CIFAR -------------------------------------------------------------

PIXELS = bytes(range(64)) * 4
IMAGES = struct.pack(">4I", 2051, 4, 8, 8) + PIXELS
LABELS = struct.pack(">2I", 2049, 4) + bytes([0, 1, 0, 1])


def idx():
    put("idx", "whole", pair(IMAGES, LABELS))
    put("idx", "cut", pair(IMAGES[:100], LABELS))
    put("idx", "huge", pair(struct.pack(">4I", 2051, 2**32 - 1, 4096, 4096), LABELS))
    put("idx", "no-images", pair(struct.pack(">4I", 2051, 0, 8, 8), LABELS[:4] + bytes(4)))
    put("idx", "floats", pair(struct.pack(">4I", 0xD03, 4, 2, 2) + bytes(64), LABELS))
    put("idx", "from-one", pair(IMAGES, LABELS[:8] + bytes([1, 2, 1, 2])))
    put("gzip", "whole", gzip.compress(IMAGES, mtime=0))
    put("gzip", "cut", gzip.compress(IMAGES, mtime=0)[:-4])
    put("gzip", "two", gzip.compress(IMAGES[:50], mtime=0) + gzip.compress(IMAGES[50:], mtime=0))
    put("gzip", "zeros", gzip.compress(IMAGES[:4] + struct.pack(">3I", 2**31, 64, 64) +
                                       bytes(10**7), mtime=0))


def cifar():
    record = bytes([3]) + bytes(i % 251 for i in range(3072))
    put("cifar", "ten", bytes([0, 1]) + pair(b"plane\ncar\n" * 5, record))
    put("cifar", "hundred", bytes([1, 3]) + pair(b"n\n" * 100, b""))
    put("cifar", "label", bytes([0, 0]) + pair(b"", b"\xff" + record[1:]))
    put("cifar", "name", bytes([0, 2]) + pair(b"\x1b[31m" + b"x" * 300 + b"\xff\n", b""))


# ---- HDF5 -------------------------------------------------------------------------


def data_set(name, change, images=PIXELS, libver="earliest"):
    """A whole data set, then one change."""
    with tempfile.NamedTemporaryFile(suffix=".h5") as file:
        with h5py.File(file.name, "w", libver=libver) as h5:
            for part in "train", "test":
                h5[part + "/images"] = np.frombuffer(images, np.uint8).reshape(4, 8, 8, 1)
                h5[part + "/labels"] = np.array([0, 1, 0, 1], np.int32)
            h5["class_names"] = np.array([b"a", b"b"], "S64")
            for key, value in dict(classes=2, height=8, width=8, channels=1).items():
                h5.attrs.create(key, value, dtype=np.int32)
            for key, value in dict(mean=0.1235294, std=0.0724434).items():
                h5.attrs[key] = np.array([value])
            h5.attrs["source"] = np.bytes_("seeds")
            change(h5)
        put("hdf5", name, open(file.name, "rb").read())


def without(h5, *names):
    for name in names:
        del h5[name]
    return h5


def anew(name, **how):
    """An array made in another way."""
    return lambda h5: without(h5, name).create_dataset(name, **how)


def link(name, what):
    return lambda h5: without(h5, name).__setitem__(name, what)


def virtual(h5):
    layout = h5py.VirtualLayout((4, 8, 8, 1), np.uint8)
    layout[:] = h5py.VirtualSource("elsewhere.h5", "images", (4, 8, 8, 1))
    without(h5, "train/images").create_virtual_dataset("train/images", layout)


def raw(h5):
    without(h5, "train/images").create_dataset(
        "train/images", (4, 8, 8, 1), np.uint8, external=[("/dev/zero", 0, 256)])


def wrong_chunks(content):
    """Packed chunks that unpack to something of another size."""
    def change(h5):
        images = without(h5, "train/images").create_dataset(
            "train/images", (4, 8, 8, 1), np.uint8, chunks=(1, 8, 8, 1), compression="gzip")
        for i in range(4):
            images.id.write_direct_chunk((i, 0, 0, 0), zlib.compress(content))
    return change


def hdf5():
    shape, text = (4, 8, 8, 1), h5py.string_dtype()
    data_set("whole", lambda h5: None)
    data_set("chunks", anew("train/images", data=np.frombuffer(PIXELS, np.uint8).reshape(shape),
                            chunks=(1, 8, 8, 1), compression="gzip"))
    data_set("chunk-short", wrong_chunks(b"abc"))
    data_set("chunk-long", wrong_chunks(b"abc" * 5000))
    data_set("latest", lambda h5: None, libver="latest")
    data_set("latest-list", anew("train/images", data=np.frombuffer(PIXELS, np.uint8)
                                 .reshape(shape), chunks=(1, 8, 8, 1), shuffle=True,
                                 compression="gzip", fletcher32=True), libver="latest")
    data_set("latest-links", lambda h5: [h5.__setitem__("g%d" % i, i) for i in range(60)],
             libver="latest")
    data_set("strings", anew("class_names", data=["a", "b"], dtype=text))
    data_set("source", lambda h5: h5.attrs.__setitem__("source", "variable"))
    data_set("external", link("train/images", h5py.ExternalLink("else.h5", "/images")))
    data_set("soft", link("train/images", h5py.SoftLink("/train/images")))
    data_set("virtual", virtual)
    data_set("raw", raw)
    data_set("unwritten", anew("train/images", shape=shape, dtype=np.uint8))
    data_set("huge", anew("train/images", shape=(3 * 10**9, 2, 2, 1), dtype=np.uint8,
                          chunks=(10**6, 2, 2, 1), compression="gzip"))
    data_set("fractions", anew("train/labels", data=np.array([0.5, 1, 0, 1])))
    data_set("one-hot", anew("train/labels", data=np.eye(4, dtype=np.int32)))
    data_set("floats", anew("train/images", data=np.zeros(shape)))
    data_set("classes", lambda h5: h5.attrs.modify("classes", np.int32(2**31 - 1)))


# ---- pictures ---------------------------------------------------------------------


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, rows, depth=8, colour=0, palette=b""):
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">2I5B", width, height, depth, colour, 0, 0, 0)) +
            (chunk(b"PLTE", palette) if palette else b"") +
            chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def pictures():
    """Two in an input; those of libjpeg lie beside this file's own."""
    grey, colour = png(8, 8, bytes(8 * 9)), png(8, 8, (bytes([1]) + PIXELS[:24]) * 8, colour=2)
    palette = png(8, 8, bytes([0, 0b00011011, 0b11100100]) * 8, 2, 3, bytes(range(12)))
    put("picture", "grey", pair(grey, grey))
    put("picture", "colour", pair(colour, palette))
    put("picture", "cut", pair(grey[:-20], colour[:-30]))
    put("picture", "large", pair(png(16384, 16384, b""), grey))
    put("picture", "wide", pair(png(16384, 1, bytes(16385)), png(1, 16384, bytes(2 * 16384))))
    put("picture", "deep", pair(png(8, 8, bytes(8 * 17), 16), png(8, 8, bytes(8 * 2), 1)))


# ---- texts ------------------------------------------------------------------------

GENOTYPE = ("Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
            "('skip_connect', 0), ('sep_conv_3x3', 1)], normal_concat=range(2, 4), "
            "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), "
            "('dil_conv_5x5', 0)], reduce_concat=[2, 3])\n").encode()


def texts():
    put("yaml", "nested", b"seed: 2\ndata:\n  imbalance: 100\nweights:\n  lr: {start: 0.1}\n")
    put("yaml", "twice", b"seed: 1\nseed: 2\n")
    put("yaml", "documents", b"seed: 1\n---\nseed: 2\n")
    put("yaml", "alias", b"data: &a\n  path: *a\n")
    put("yaml", "laughs", b"a: &a [x,x]\n" + b"".join(
        b"%c: &%c [*%c,*%c]\n" % (c, c, c - 1, c - 1) for c in range(98, 118)))
    put("yaml", "deep", b"{a: " * 2000)
    put("yaml", "lines", b"seed: 1\n" * 2000)
    put("yaml", "bytes", b"run: {out: \"\xff\x1b[31m\"}\n")
    put("set", "some", b"seed=7\nweights.lr.start=1e-3\narch.lr.frozen_from=never\n"
                       b"bbn.enabled=true\nsearch.epochs=99999999999\nnet.cells=nan\nx=\n")
    put("genotype", "whole", GENOTYPE)
    put("genotype", "name", b"DARTS_V2\n")
    put("genotype", "numbers", GENOTYPE.replace(b", 1)", b", 99999999999999999999)"))
    study = (b"out: s\ndata: d\nseeds: [1, 2]\nimbalance: [1, 100]\nsearch: {epochs: 1}\n"
             b"methods:\n- {name: a}\n- {name: b, genotype: random}\n"
             b"- {name: c, genotype: DARTS_V2, train: {epochs: 2}}\n")
    put("study", "whole", study.replace(b"{epochs: 1}", b"{search.epochs: 1}"))
    put("study", "shell", study.replace(b"name: a", b"name: \"`touch x`\""))
    put("study", "itself", b"methods: &a [ *a ]\n")
    put("study", "self-key", b"&a {*a : *a, x: *a}")
    put("study", "sets", b"search: &a {a: *a}\n")
    put("study", "laughs", study + b"search: &x {a: [*x, *x]}\n")
    put("study", "seeds", study.replace(b"[1, 2]", b"[" + b"1," * 2000 + b"1]"))
    head = (b"epoch,seconds,images_per_second,lr_weights,lr_arch,mixing,train_loss,"
            b"train_top1,valid_loss,valid_top1,valid_balanced_top1,alpha_entropy_normal\n")
    put("metrics", "rows", head + b"0,1.5,40,0.025,3e-4,1,2.3,0.1,2.2,0.15,0.12,2.07\n"
        b"1,1.5,40,0.02,3e-4,0.5,2.1,0.2,2.0,0.25,,2.06\n")
    put("metrics", "large", head + b"0,1.7e308,1.7e308,-1.7e308,1.7e308,1e308,1.7e308,1\n"
        b"1,-1.7e308,-1.7e308,1.7e308,-1.7e308,-1e308,-1.7e308,-1\n")
    put("metrics", "odd", head + b"2147483647,nan,inf,-inf,0x1p9,,\n-5,1,1\n1e9,1\n")
    put("metrics", "cut", head + b"0,1.5,40")


idx()
cifar()
hdf5()
pictures()
texts()
print(sum(os.path.getsize(os.path.join(root, name))
          for root, _, names in os.walk(FOLDER) for name in names), "bytes", file=sys.stderr)
