"""Data sets for the reference: IDX folders (plain or gzip), taildart's HDF5 files."""

import gzip
import pathlib
from collections import namedtuple

import h5py
import numpy as np

Part = namedtuple("Part", "images labels")          # uint8 (n, h, w, c), int (n)
Dataset = namedtuple("Dataset", "train test mean std")


def read(path):
    """A data set by its path."""
    path = pathlib.Path(path)
    return read_idx(path) if path.is_dir() else read_hdf5(path)


def idx_array(folder, name):
    """One IDX file of bytes; the fourth byte is the number of axes."""
    plain = folder / name
    raw = plain.read_bytes() if plain.exists() else gzip.decompress(
        (folder / (name + ".gz")).read_bytes())
    axes = raw[3]
    shape = np.frombuffer(raw, ">u4", axes, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)


def read_idx(folder):
    """Training and test part of a folder with the names of MNIST."""
    parts = [Part(idx_array(folder, f"{name}-images-idx3-ubyte")[..., None],
                  idx_array(folder, f"{name}-labels-idx1-ubyte").astype(np.int64))
             for name in ("train", "t10k")]
    return Dataset(*parts, *moments(parts[0].images))


def read_hdf5(path):
    """A file of taildart: its own mean and standard deviation count."""
    with h5py.File(path) as file:
        parts = [Part(group["images"][()], group["labels"][()].astype(np.int64))
                 for group in (file["train"], file["test"])]
        return Dataset(*parts, *(file.attrs[name][()] for name in ("mean", "std")))


def moments(images):
    """Mean and standard deviation of each channel over all pixels, in units of 0…1."""
    pixels = images.reshape(-1, images.shape[-1]) / 255.0
    return pixels.mean(0), pixels.std(0)


def write_hdf5(path, train, test, classes, source):
    """Write parts in the layout of taildart's data files."""
    n, height, width, channels = train.images.shape
    mean, std = moments(train.images)
    with h5py.File(path, "w") as file:
        for name, part in (("train", train), ("test", test)):
            file[name + "/images"] = part.images
            file[name + "/labels"] = part.labels.astype(np.int32)
        file["class_names"] = np.array([str(c) for c in range(classes)], dtype="S8")
        file.attrs.update({"classes": np.int32(classes), "height": np.int32(height),
                           "width": np.int32(width), "channels": np.int32(channels),
                           "mean": mean, "std": std, "source": np.bytes_(source)})


def normalised(images, mean, std):
    """What a network is fed with: float64 (n, c, h, w), (x/255 - mean)/std."""
    return ((images / 255.0 - mean) / std).transpose(0, 3, 1, 2)
