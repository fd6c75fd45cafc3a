#!/usr/bin/python3
"""Time the search of the reference in PyTorch, in its kindest form; or with --derived
the training of the network of DARTS_V2.

    tests/bench/pytorch.py [--batch 64] [--threads 2] [--order 1|2] [--forward] …

With --ranks the batch is shared by processes on this machine, each with --threads:
weights under DistributedDataParallel, alphas' gradients summed, both by gloo.

One measurement per process, so that its peak memory means something; prints one JSON
object with the names that `taildart bench --json` uses, medians over the steps.

The network is that of tests/reference, in float32 and without what that one does for
the sake of exactness.  Kindest means: channels last; batch norm by the library's own
module; an edge that skips `none` and adds with one fused operation; a pass that knows
weights or alphas as constants where no gradient of them is wanted; denormal numbers
flushed to zero.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import sys
import time
from collections import defaultdict

import torch
from torch import distributed, multiprocessing, nn
from torch.autograd import grad
from torch.nn import functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))
import darts  # noqa: E402  (found by the line above)
import derived  # noqa: E402

DARTS_V2 = derived.Genotype(
    normal=[("sep_conv_3x3", 0), ("sep_conv_3x3", 1), ("sep_conv_3x3", 0),
            ("sep_conv_3x3", 1), ("sep_conv_3x3", 1), ("skip_connect", 0),
            ("skip_connect", 0), ("dil_conv_3x3", 2)],
    reduce=[("max_pool_3x3", 0), ("max_pool_3x3", 1), ("skip_connect", 2),
            ("max_pool_3x3", 1), ("max_pool_3x3", 0), ("skip_connect", 2),
            ("skip_connect", 2), ("max_pool_3x3", 1)])
DROPPED, HEAD_WEIGHT = 0.1, 0.4   # half way through the published training


# ---- network --------------------------------------------------------------------


class Norm(nn.BatchNorm2d):
    """Batch norm that keeps its running statistics in one go."""

    def __init__(self, channels, affine=False):
        super().__init__(channels, eps=1e-5, momentum=0.1, affine=affine)


class Edge(darts.Edge):
    """Mixed edge with multiplication and addition in one, and nothing for `none`."""

    def forward(self, x, p):
        total = p[1] * self._ops[1](x)
        for share, op in zip(p[2:], self._ops[2:]):
            total = torch.addcmul(total, share, op(x))
        return total


def network(channels, cells, nodes, classes, image_channels):
    """The supernet, made of the parts above."""
    darts.Norm, darts.Edge = Norm, Edge
    sizes = darts.Sizes(channels, cells, nodes, classes, image_channels)
    return darts.SuperNet(sizes).to(memory_format=torch.channels_last)


def random_batch(args):
    """Images and labels of a rank as a loader would hand them out."""
    count = args.batch // args.ranks
    images = torch.randn(count, args.image_channels, args.size, args.size)
    labels = torch.arange(count) % args.classes
    return images.contiguous(memory_format=torch.channels_last), labels


def logits_of(net, alphas, images):
    """A pass of the whole batch as one group."""
    return net.classifier(net.features(images, alphas))


# ---- steps ----------------------------------------------------------------------


class Search:
    """Steps of the bilevel search with the published settings, each part timed."""

    def __init__(self, net, alphas, order):
        s = darts.DEFAULTS
        self.net, self.alphas, self.order = net.train(), alphas, order
        self.weights = list(net.parameters())
        self.sgd = torch.optim.SGD(self.weights, s["lr"], s["momentum"],
                                   weight_decay=s["weight_decay"])
        self.adam = torch.optim.Adam(alphas, s["arch_lr"], eps=s["arch_eps"],
                                     betas=(s["arch_beta1"], s["arch_beta2"]),
                                     weight_decay=s["arch_weight_decay"])
        self.seconds = defaultdict(float)

    def timed(self, part, work):
        """The result of `work`, its time added to that of a part of the step."""
        start = time.perf_counter()
        result = work()
        self.seconds[part] += time.perf_counter() - start
        return result

    def gradient(self, half, batch, wanted):
        """Gradient of the loss with respect to `wanted`, all else held constant."""
        chosen = {id(p) for p in wanted}
        for p in [*self.weights, *self.alphas]:
            p.requires_grad_(id(p) in chosen)
        images, labels = batch
        loss = self.timed(half + "_forward_seconds", lambda: F.cross_entropy(
            logits_of(self.net, self.alphas, images), labels))
        return self.timed(half + "_backward_seconds", lambda: grad(loss, wanted))

    @torch.no_grad()
    def move(self, origin, distance, direction):
        """Put the weights at origin + distance·direction."""
        for w, start, d in zip(self.weights, origin, direction):
            torch.add(start, d, alpha=distance, out=w)

    def unrolled_gradient(self, train, valid):
        """Architecture gradient one weight step ahead (DARTS, equations 6 to 8)."""
        s, weights = darts.DEFAULTS, self.weights
        count = len(self.alphas)
        kept = [w.detach().clone() for w in weights]
        step = self.gradient("arch", train, weights)
        velocity = [self.sgd.state[w].get("momentum_buffer", torch.zeros_like(w))
                    for w in weights]
        self.move(kept, -s["lr"], [s["momentum"] * v + g + s["weight_decay"] * w
                                   for v, g, w in zip(velocity, step, kept)])
        both = self.gradient("arch", valid, [*self.alphas, *weights])
        direct, v = both[:count], both[count:]
        radius = (s["hvp_r"] / darts.joint_norm(v)).item()
        self.move(kept, radius, v)
        plus = self.gradient("arch", train, self.alphas)
        self.move(kept, -radius, v)
        minus = self.gradient("arch", train, self.alphas)
        self.move(kept, 0.0, v)
        return [d - s["lr"] * (p - m) / (2 * radius)
                for d, p, m in zip(direct, plus, minus)]

    def arch_step(self, train, valid):
        """Adam on the alphas."""
        gradient = (self.unrolled_gradient(train, valid) if self.order == 2
                    else self.gradient("arch", valid, self.alphas))
        self.timed("update_seconds", lambda: self.update(
            self.adam, self.alphas, gradient))

    def weight_step(self, train):
        """Clipped SGD on the weights."""
        gradient = self.gradient("weight", train, self.weights)
        self.timed("update_seconds", lambda: self.update(
            self.sgd, self.weights, gradient, darts.DEFAULTS["clip"]))

    @staticmethod
    def update(optimiser, parameters, gradient, clip=None):
        """One step of an optimiser with the gradient given."""
        for p, g in zip(parameters, gradient):
            p.grad = g
        if clip:
            nn.utils.clip_grad_norm_(parameters, clip)
        optimiser.step()
        for p in parameters:
            p.grad = None

    def step(self, train, valid):
        """Architecture, then weights: the seconds of all parts."""
        self.seconds.clear()
        self.timed("arch_seconds", lambda: self.arch_step(train, valid))
        self.timed("weight_seconds", lambda: self.weight_step(train))
        self.seconds["step_seconds"] = (self.seconds["arch_seconds"] +
                                        self.seconds["weight_seconds"])
        return dict(self.seconds)


class RankSearch(Search):
    """The same on ranks: the gradients are means over them."""

    def __init__(self, net, alphas, order):
        super().__init__(net, alphas, order)
        self.replica = nn.parallel.DistributedDataParallel(
            Logits(net, alphas), broadcast_buffers=False, gradient_as_bucket_view=True)

    def gradient(self, half, batch, wanted):
        """The weights' by DistributedDataParallel, the alphas' in one sum."""
        if wanted is not self.weights:
            gradient = super().gradient(half, batch, wanted)
            self.timed("comm_seconds", lambda: mean_over_ranks(gradient))
            return gradient
        for p in self.weights:
            p.requires_grad_(True)
        for p in self.alphas:
            p.requires_grad_(False)
        images, labels = batch
        loss = self.timed(half + "_forward_seconds", lambda: F.cross_entropy(
            self.replica(images), labels))
        self.timed(half + "_backward_seconds", loss.backward)
        return [p.grad for p in self.weights]


class Logits(nn.Module):
    """The supernet as a module of images alone; its alphas are no parameters of it."""

    def __init__(self, net, alphas):
        super().__init__()
        self.net, self.alphas = net, (alphas,)

    def forward(self, images):
        return logits_of(self.net, self.alphas[0], images)


def mean_over_ranks(tensors):
    """Replace every tensor by its mean."""
    flat = torch.cat([t.reshape(-1) for t in tensors])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    for t, part in zip(tensors, flat.split([t.numel() for t in tensors])):
        t.copy_(part.view_as(t))


class Training:
    """Steps of training the network of DARTS_V2 with the published settings."""

    def __init__(self, args):
        s = darts.DEFAULTS
        darts.Norm = Norm
        sizes = darts.Sizes(args.channels, args.cells, args.nodes, args.classes,
                            args.image_channels)
        self.net = derived.DerivedNet(sizes, DARTS_V2)
        if args.size // 4 < 8:    # the head finds no place
            self.net.head_cell, self.net.auxiliary_head = -1, None
        self.net = self.net.to(memory_format=torch.channels_last).train()
        self.weights = list(self.net.parameters())
        self.sgd = torch.optim.SGD(self.weights, s["lr"], s["momentum"],
                                   weight_decay=s["weight_decay"])
        self.batch = random_batch(args)
        self.drawn = (args.cells, 2 * args.nodes, args.batch)

    def step(self):
        """One step: its seconds."""
        images, labels = self.batch
        start = time.perf_counter()
        factors = (torch.rand(self.drawn) >= DROPPED) / (1 - DROPPED)
        logits, head = self.net(images, factors)
        loss = F.cross_entropy(logits, labels)
        if head is not None:
            loss = loss + HEAD_WEIGHT * F.cross_entropy(head, labels)
        loss.backward()
        nn.utils.clip_grad_norm_(self.weights, darts.DEFAULTS["clip"])
        self.sgd.step()
        self.sgd.zero_grad(set_to_none=True)
        return {"step_seconds": time.perf_counter() - start}


# ---- measuring ------------------------------------------------------------------


def step_runner(args, net, alphas):
    """A function that takes one step and returns its seconds, part by part."""
    search = (Search if args.ranks == 1 else RankSearch)(net, alphas, args.order)
    train, valid = random_batch(args), random_batch(args)
    return lambda: search.step(train, valid)


def forward_runner(args, net, alphas):
    """The same for one evaluation pass."""
    net.eval()
    images, _ = random_batch(args)

    def run():
        start = time.perf_counter()
        with torch.no_grad():
            logits_of(net, alphas, images)
        return {"forward_seconds": time.perf_counter() - start}
    return run


def search_runner(args):
    """The same for what is asked of a supernet."""
    net = network(args.channels, args.cells, args.nodes, args.classes,
                  args.image_channels)
    alphas = [nn.Parameter(1e-3 * torch.randn(darts.edge_count(args.nodes), 8))
              for _ in range(2)]
    return (forward_runner if args.forward else step_runner)(args, net, alphas)


def measure(args):
    """The measurement as a dictionary."""
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    run = Training(args).step if args.derived else search_runner(args)
    for _ in range(args.warmup):
        run()
    runs = [run() for _ in range(args.steps)]
    result = {name: statistics.median(r[name] for r in runs) for name in runs[0]}
    whole = "forward_seconds" if args.forward else "step_seconds"
    result["min_seconds"] = min(r[whole] for r in runs)
    result["images_per_second"] = args.batch / result[whole]
    return result


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forward", action="store_true", help="evaluation passes only")
    parser.add_argument("--derived", action="store_true",
                        help="training steps of the network of DARTS_V2")
    for name, value in (("order", 1), ("steps", 3), ("warmup", 1), ("batch", 64),
                        ("ranks", 1), ("threads", 1), ("channels", 16), ("cells", 8), ("nodes", 4),
                        ("classes", 10), ("image-channels", 3), ("size", 32)):
        choices = (1, 2) if name == "order" else None
        parser.add_argument("--" + name, type=int, default=value, choices=choices,
                            help=f"default {value}")
    return parser.parse_args()


def run_rank(rank, args):
    """Measure as one of several ranks; the first tells."""
    distributed.init_process_group("gloo", rank=rank, world_size=args.ranks)
    result = measure(args)
    if rank == 0:
        tell(args, result)
    distributed.destroy_process_group()


def tell(args, result):
    """One JSON object; the memory is that of this process."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = {key: float(f"{value:.6g}") for key, value in result.items()}
    result["peak_rss_bytes"] = 1024 * kilobytes
    result.update(vars(args), torch=torch.__version__)
    print(json.dumps(result))


def main():
    """Measure what the command line says."""
    args = arguments()
    if args.ranks == 1:
        tell(args, measure(args))
        return
    if args.derived or args.forward or args.order == 2 or args.batch % args.ranks:
        sys.exit("--ranks is for first-order steps of a search, and divides the batch")
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(20000 + os.getpid() % 20000))
    multiprocessing.spawn(run_rank, (args,), args.ranks)


if __name__ == "__main__":
    main()
