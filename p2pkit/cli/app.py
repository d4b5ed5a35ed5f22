"""The commands: names, options and help. Each loads its own module when it runs.

`p2pkit --help` must answer at once, so nothing of the kit is imported up here, and
typer is told to do without rich, which alone would double the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Optional

import typer

from p2pkit.cli.guard import INTERRUPTED, guarded
from p2pkit.cli.labs import labs
from p2pkit.cli.secret import SecretFile, secret_of

app = typer.Typer(
    name="p2pkit",
    help="Read, run, watch, break and mend peer-to-peer protocols.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(labs)

Bootstrap = Annotated[
    Optional[list[str]],  # noqa: UP045  # typer reads Optional on every version
    typer.Option("--bootstrap", "-b", metavar="HOST:PORT", help="A node to join by."),
]
Settings = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--set", metavar="NAME=VALUE", help="A setting of the protocol."),
]
BucketSize = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--k", min=1, help="Short for --set k=K."),
]
Ports = Annotated[
    Optional[list[int]],  # noqa: UP045
    typer.Option(min=1, max=65_535, help="Of what runs already; may be repeated."),
]
Out = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(metavar="FILE", help="Default: PROTOCOL.pcapng."),
]
CaptureSeconds = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option(min=0, help="End after so long; else after the verb, or Ctrl-C."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Fail if packets were lost.")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace a capture that is there.")
]
Outside = Annotated[
    bool,
    typer.Option(
        "--allow-outside", help="Let it talk to machines other than this one."
    ),
]


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
@guarded
def lab(
    context: typer.Context,
    notebooks: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="FOLDER", help="Default: the one of lectures and labs."),
    ] = None,
) -> None:
    """Open JupyterLab on the lectures and labs.

    What else is given goes to JupyterLab.
    """
    from p2pkit.cli.lab import run_lab

    run_lab(notebooks, context.args)


@app.command()
@guarded
def demo(
    protocol: Annotated[str, typer.Argument()] = "kademlia",
    nodes: Annotated[int, typer.Option(min=1, max=2000)] = 32,
    processes: Annotated[int, typer.Option(min=1, max=64)] = 2,
    seed: Annotated[int, typer.Option(help="Decides ids and chance.")] = 7,
    seconds: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(min=0, help="End after so long; else at Ctrl-C."),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page.")
    ] = True,
) -> None:
    """Run a cluster of real processes with its overlay in the browser."""
    from p2pkit.cli.demo import run_demo

    run_demo(protocol, nodes, processes, seed, seconds, browser=browser)


@app.command()
@guarded
def node(
    protocol: Annotated[str, typer.Argument(help="Such as kademlia.")],
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Own address.")],
    bootstrap: Bootstrap = None,
    node_id: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--id", metavar="HEX", help="Node id; else random."),
    ] = None,
    k: BucketSize = None,
    settings: Settings = None,
    seed: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Decides id and chance; else random."),
    ] = None,
    share: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option(metavar="FILE", help="A file to share, as in gnutella."),
    ] = None,
    allow_outside: Outside = False,
) -> None:
    """Run one node in the foreground; prints a JSON line an event.

    The first line is "ready", once the node listens. It ends on SIGINT or SIGTERM.
    """
    from p2pkit.cli.node import NodePlan, run_node

    plan = NodePlan.of(protocol, listen, bootstrap, settings, k, allow_outside)
    run_node(plan, node_id, seed, share or ())


@app.command(context_settings={"ignore_unknown_options": True})
@guarded
def call(
    protocol: Annotated[str, typer.Argument(help="Such as kademlia.")],
    verb: Annotated[str, typer.Argument(help="Such as put, get or lookup.")],
    args: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(help="Keys as hex; bytes as text, or as hex:..."),
    ] = None,
    bootstrap: Bootstrap = None,
    listen: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="HOST:PORT", help="Own address; else any free port."),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds until it has failed.")] = 30,
    stay: Annotated[
        float, typer.Option(min=0, help="Seconds to stay after it, to be heard.")
    ] = 0,
    k: BucketSize = None,
    settings: Settings = None,
    allow_outside: Outside = False,
) -> None:
    """Join for a moment, do one verb, print its result as JSON."""
    from p2pkit.cli.call import run_call
    from p2pkit.cli.node import NodePlan

    plan = NodePlan.of(protocol, listen, bootstrap, settings, k, allow_outside)
    run_call(plan, verb, args or [], timeout, stay_s=stay)


@app.command(context_settings={"ignore_unknown_options": True})
@guarded
def capture(
    context: typer.Context,
    protocol: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="Such as kademlia: a cluster is made of it."),
    ] = None,
    verb: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="What one node is asked to do, such as put."),
    ] = None,
    args: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(help="As with call."),
    ] = None,
    port: Ports = None,
    out: Out = None,
    seconds: CaptureSeconds = None,
    nodes: Annotated[int, typer.Option(min=2, max=2000)] = 16,
    processes: Annotated[int, typer.Option(min=1, max=64)] = 2,
    network: Annotated[
        str, typer.Option(help="host or private: the latter needs no rights.")
    ] = "host",
    source: Annotated[str, typer.Option(help="auto, ring, dumpcap or tap.")] = "auto",
    seed: Annotated[int, typer.Option(help="Decides ids and chance.")] = 7,
    strict: Strict = False,
    overwrite: Overwrite = False,
) -> None:
    """Capture packets of a cluster, or of what runs already.

    Writes pcapng; prints who captured, and a balance: what the kernel saw and lost,
    and what the nodes sent and received.
    """
    from p2pkit.cli import capture as it

    it.require_one(protocol, port or ())
    if protocol is None:
        it.refuse_with_ports(_given(context, it.OF_CLUSTERS))
        it.capture_running(port or (), source, seconds, out, overwrite=overwrite)
        return
    plan = it.ClusterPlan(
        protocol, nodes, processes, network, source, seed, strict, overwrite
    )
    it.capture_cluster(plan, verb, args or (), seconds, out)


@app.command()
@guarded
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON.")] = False,
) -> None:
    """Tell what works here and what does not, and what to do about it."""
    from p2pkit.cli.doctor import run_doctor

    run_doctor(as_json=as_json)


@app.command()
@guarded
def bench(
    experiment: Annotated[
        str,
        typer.Argument(
            help="One of gossip, swim, broadcast, search, vivaldi, attacks."
        ),
    ],
    variant: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Such as push-feedback-counter; else all published ones."),
    ] = None,
    sites: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=2, help="How many; else as published."),
    ] = None,
    k: Annotated[
        Optional[list[int]],  # noqa: UP045
        typer.Option("--k", min=0, help="May be given again; else as published."),
    ] = None,
    runs: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=2, help="Runs behind each value."),
    ] = None,
    seed: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Seed of the first run."),
    ] = None,
    others: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--set", metavar="NAME=VALUE", help="Another of its options."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="A line of JSON for each value.")
    ] = False,
) -> None:
    """Measure a published experiment again, and compare.

    A value is given with its 95 % confidence interval, which must meet the gate.
    """
    from p2pkit.cli.bench import run_bench

    options = {"variant": variant, "sites": sites, "k": k, "runs": runs, "seed": seed}
    given = {name: it for name, it in options.items() if it is not None}
    run_bench(experiment, given, others or [], as_json=as_json)


@app.command()
@guarded
def grade(
    submissions: Annotated[
        list[Path], typer.Argument(help="Notebooks, and folders of them.")
    ],
    course: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where source/ is.")
    ] = Path("labs"),
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where grades and feedback go.")
    ] = Path("grades"),
    jobs: Annotated[int, typer.Option(min=1, max=64, help="At a time.")] = 1,
    secret_file: SecretFile = None,
    personal: Annotated[
        bool,
        typer.Option("--personal", help="Each student got a notebook of their own."),
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh/--resume", help="Grade again what is graded.")
    ] = False,
    visible: Annotated[
        bool, typer.Option("--nbval/--no-nbval", help="Run notebooks with nbval too.")
    ] = True,
    trust: Annotated[
        bool, typer.Option("--trust", help="Run student code without walls.")
    ] = False,
    roster: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FILE", help="Name who on it handed in nothing."),
    ] = None,
) -> None:
    """Grade what students handed in, and explain each point.

    A student is named by the place of a file: ada/lab1_gossip.ipynb,
    ada/lab1_gossip/lab1_gossip.ipynb or lab1_gossip_ada.ipynb. A batch that was
    interrupted goes on where it was.
    """
    from p2pkit.classroom.grading.grader import Policy
    from p2pkit.cli.grade import run_grade

    policy = Policy(secret_of(secret_file), personal, trust)
    run_grade(
        submissions, course, out, policy,
        jobs=jobs, fresh=fresh, visible=visible, roster=roster,
    )  # fmt: skip


def _given(context: typer.Context, options: Iterable[str]) -> list[str]:
    """Return those of some options that stand on the command line."""
    sources = {one: context.get_parameter_source(one) for one in options}
    return [one for one, at in sources.items() if at and at.name == "COMMANDLINE"]


def main() -> None:
    """Run the command line."""
    try:
        app()
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
