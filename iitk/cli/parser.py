"""What can be typed, and the help that teaches it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import iitk

_STATUS = "Exit status: 0 all fine, 1 work failed, 2 wrong arguments, 130 stopped with Ctrl-C."
Command = Callable[[argparse.Namespace], int]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, and where to read more in a second."""
        sys.stderr.write(f"{self.prog}: {message}\nSee: {self.prog} --help\n")
        sys.exit(2)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every command; each sets `command`, a function from arguments to the exit status."""
    parser = _Parser(
        prog="iitk",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="From official figures to a few public interventions worth the money, for any UK local area.",
        epilog=f"""examples:
  iitk run Leeds                     the pages for one area, in outputs/
  iitk areas craven                  find an area by name or code
  iitk serve                         the pages as apps in the browser
  iitk run --help                    more on one command
{_STATUS}""",
    )
    parser.add_argument("--version", action="version", version=f"iitk {iitk.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    for add in (_add_run, _add_areas, _add_new, _add_check, _add_data, _add_serve, _add_doctor):
        add(commands)
    return parser


def _add(
    commands: argparse._SubParsersAction[_Parser], name: str, help_: str, description: str, examples: str
) -> _Parser:
    """Add a command; "iitk new area" calls `commands.new_area`."""
    parser = commands.add_parser(
        name, help=help_, description=description, epilog=f"examples:\n{examples}\n{_STATUS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.set_defaults(command=_later("_".join(parser.prog.split()[1:])))
    return parser


def _later(name: str) -> Command:
    """Return a command that loads its code, and with it pandas, only when it is run: help stays quick."""

    def command(arguments: argparse.Namespace) -> int:
        from iitk.cli import commands

        run: Command = getattr(commands, name)
        return run(arguments)

    return command


def _add_run(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = _add(
        commands, "run", "run the notebooks for areas and write their pages",
        "Run the series of notebooks for one or more areas.\n\n"
        "Each stage writes the executed notebook, page.html, its tables and record.json under OUT/AREA/STAGE/;\n"
        "OUT/index.html leads to all of them. A stage whose inputs have not changed is kept, one that fails\n"
        "does not stop the others, and after Ctrl-C the same command continues. OUT/run.json says what became of each.",
        '  iitk run Leeds\n  iitk run E08000035 "Leeds + Bradford" --stages 01,03\n'
        "  iitk run --cohort data/cohorts/west-yorkshire.toml --out outputs\n"
        "  iitk run --cohort data/cohorts/west-yorkshire.toml --dask tcp://10.0.0.5:8786\n"
        "  iitk run --cohort data/cohorts/west-yorkshire.toml --dry-run\n"
        "  iitk run Cornwall --json --quiet",
    )
    parser.add_argument("areas", nargs="*", metavar="AREA", help='name or code, or several as one: "Leeds + Bradford"')
    parser.add_argument("--cohort", type=Path, metavar="FILE", help="TOML file that lists areas, and a reference")
    parser.add_argument("--stages", metavar="LIST", help="such as 00,01,03 (default: all)")
    parser.add_argument("--out", default="outputs", metavar="FOLDER", help="folder for results (default: outputs)")
    parser.add_argument("--comparator", default="UK", metavar="AREA", help="what to compare with (default: UK)")
    vintages = "of the parameters: green-book-2022, green-book-2026, review-2026 (default: as each area's files say)"
    parser.add_argument("--vintage", metavar="NAME", help=vintages)
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="areas at a time (default: one more than there are cores, at most 8)"
    )
    dask = "let the workers of a Dask cluster do it, as many areas at a time as they have threads (extra [dask])"
    parser.add_argument("--dask", metavar="ADDRESS", help=dask)
    parser.add_argument("--force", action="store_true", help="run again what has not changed, too")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be run, why, in about what time")
    parser.add_argument("--timeout", type=int, metavar="SECONDS", help="that one notebook may take (default: 600)")
    heals = "tries more where a kernel died, one more where it took too long (default: 1)"
    parser.add_argument("--retry", type=int, metavar="N", help=heals)
    parser.add_argument("--memory", type=int, metavar="MB", help="that one notebook may take (default: what there is)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON, and nothing else")
    parser.add_argument("--quiet", action="store_true", help="say nothing but what failed")


def _add_areas(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = _add(
        commands, "areas", "find areas by name or code",
        "Find areas by name or code; spelling may be a little off, and areas of the past are explained.",
        "  iitk areas leeds\n  iitk areas craven\n  iitk areas E08000035 --json",
    )
    parser.add_argument("words", nargs="+", metavar="WORD", help="name, part of a name, or code")
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="how many to show (default: 10)")
    parser.add_argument("--json", action="store_true", help="print the areas as JSON")


def _add_new(commands: argparse._SubParsersAction[_Parser]) -> None:
    about = "write a file for you to fill in"
    parser = commands.add_parser("new", help=about, description=f"{about.capitalize()}.")
    kinds = parser.add_subparsers(title="files", metavar="FILE", required=True, parser_class=_Parser)
    options = _add(
        kinds, "options", "options to choose from, one row each",
        "Write a template of options, with one example: .xlsx with lists that drop down, or .csv.\n"
        "What is there already is never overwritten. How to fill it: docs/how-to/write-options.md",
        "  iitk new options\n  iitk new options leeds/options.csv --years 2028-2031\n"
        "  iitk new options options.xlsx --funders council,combined_authority,government --json",
    )
    options.add_argument(
        "file", nargs="?", type=Path, default=Path("options.xlsx"), metavar="FILE", help="default: options.xlsx"
    )
    options.add_argument("--years", metavar="FIRST-LAST", help="years with costs (default: five, from next year)")
    options.add_argument(
        "--funders", default="council,grant,private", metavar="LIST", help="who pays (default: council,grant,private)"
    )
    options.add_argument("--json", action="store_true", help="print the file, years, funders and columns as JSON")
    area = _add(
        kinds, "area", "everything that a team brings to choosing, for its own area",
        "Make a folder for an area with options.xlsx, choice.toml (budget, success factors, criteria, scenarios,\n"
        "limits), factors.csv, weights.csv and scores.csv, each with one example. Stages 6 and 7 then read it\n"
        "in place of the example of West Yorkshire. What is there already is never overwritten.\n"
        "How to fill it: docs/how-to/prepare-a-choice.md",
        '  iitk new area Leeds\n  iitk new area "Leeds + Bradford" --folder ../our-areas\n'
        "  iitk new area E08000035 --json",
    )
    area.add_argument("name", metavar="NAME", help="name or code of the area")
    area.add_argument("--folder", type=Path, metavar="DIR", help="folder of areas (default: $IITK_AREAS, else areas)")
    area.add_argument("--json", action="store_true", help="print the area, the folder and its files as JSON")


def _add_check(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = _add(
        commands, "check", "look whether the files that you filled in are sound",
        "Read a file of options, or all files of an area's folder together, as the stages will, and list every fault\n"
        "with row and column (or key) and what to write instead. Status 1 if there is one. Nothing is changed.",
        "  iitk check options.xlsx\n  iitk check leeds/options.csv --json\n  iitk check areas/leeds",
    )
    parser.add_argument("file", type=Path, metavar="PATH", help="options, as .xlsx or .csv, or a folder of an area")
    parser.add_argument("--json", action="store_true", help="print what is in it, and the faults, as JSON")


def _add_data(commands: argparse._SubParsersAction[_Parser]) -> None:
    about = "rebuild or check the official figures, and what rests on them"
    parser = commands.add_parser("data", help=about, description=f"{about.capitalize()}.")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=_Parser)
    build = _add(
        actions, "build", "write data/official from the publishers' files",
        "Read the publishers' files and write our tables, sources.toml and their checks.",
        "  iitk data build --from ../shared/data",
    )
    files = "the publishers' files"
    build.add_argument("--from", dest="shared", type=Path, metavar="DIR", help=f"{files} (default: ../shared/data)")
    build.add_argument("--out", type=Path, metavar="DIR", help="folder for the tables (default: the project's data)")
    check = _add(
        actions, "check", "check the official figures again",
        "Run every check of the figures again: totals, missing cells, codes, successor areas, interpolated series.\n"
        "With --from the tables are also compared with the publishers' files.",
        "  iitk data check\n  iitk data check --from ../shared/data --json",
    )
    check.add_argument("--from", dest="shared", type=Path, metavar="DIR", help=f"compare with {files}, too")
    check.add_argument("--json", action="store_true", help="print the checks as JSON")
    record = _add(
        actions, "record", "work out the record of potential again",
        "Hold every score of potential against what came, on the figures at hand, and keep the result for stage 3.\n"
        "About a minute. Needed after `iitk data build` brought another edition; the notebooks say so.",
        "  iitk data record",
    )
    record.add_argument("--quiet", action="store_true", help="no progress")


def _add_serve(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = _add(
        commands, "serve", "show the pages as apps on this machine",
        "Serve a landing page and every stage as an app, for any area, until Ctrl-C.\n"
        "Only this machine can reach it unless --ip says otherwise; then visitors need the link with the token.\n"
        "No file is served, and nobody who visits can run code. Nothing is fetched from the internet.",
        "  iitk serve\n  iitk serve --area Leeds --stage 01\n  iitk serve --ip 0.0.0.0 --visitors 20\n"
        "  iitk serve --base /toolkit/ --name toolkit.example.org --json",
    )
    parser.add_argument("--area", help="name or code to begin with (default: the landing page)")
    parser.add_argument("--stage", help="stage to begin with, for --area (default: the area's journey)")
    parser.add_argument("--comparator", default="UK", metavar="AREA", help="what to compare with (default: UK)")
    parser.add_argument("--port", type=int, default=8866, help="0 takes a free one (default: 8866)")
    parser.add_argument("--ip", default="127.0.0.1", metavar="ADDRESS",
                        help="address to listen on; 0.0.0.0: all of this machine's (default: 127.0.0.1)")  # fmt: skip
    known = 'what visitors must know; "": nothing (default: $IITK_TOKEN, else made up where others can visit)'
    parser.add_argument("--token", help=known)
    parser.add_argument("--name", action="append", metavar="HOST", help="a name that the server also answers to")
    parser.add_argument("--base", default="/", metavar="PATH", help="where it lives behind a proxy (default: /)")
    parser.add_argument("--out", default="outputs", metavar="DIR", help="saved results to offer (default: outputs)")
    parser.add_argument("--idle", type=int, metavar="S", help="seconds until an unused page gives way (default: 1800)")
    parser.add_argument("--visitors", type=int, metavar="N", help="pages open at once, 60 MB each (default: 40)")
    parser.add_argument("--json", action="store_true", help="say the address as JSON")


def _add_doctor(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = _add(
        commands, "doctor", "look whether everything is here that the pages need",
        "Look at Python, packages, kernels, figures, notebooks, port, disk, fonts, page parts, browser and memory,\n"
        "and say what to do about what is wrong. Nothing is changed, and nothing is asked of the internet.",
        "  iitk doctor\n  iitk doctor --port 8900 --visitors 60\n  iitk doctor --json",
    )
    parser.add_argument("--port", type=int, default=8866, help="port that is to be used (default: 8866)")
    parser.add_argument("--out", default="outputs", metavar="FOLDER", help="folder for results (default: outputs)")
    parser.add_argument("--visitors", type=int, metavar="N", help="pages open at once (default: as iitk serve)")
    parser.add_argument("--json", action="store_true", help="print the checks as JSON")
