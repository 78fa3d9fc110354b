"""The extension module; everything else is in pyproject.toml."""

import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# One wheel for every CPython from 3.11 on. Free-threaded builds have no stable ABI that Cython can use yet.
STABLE_ABI = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")

SOURCES = [path.as_posix() for path in sorted(Path("csrc").glob("*.c"))]
INCLUDED = [path.as_posix() for path in sorted([*Path("seqaug").glob("*.pxi"), *Path("csrc").glob("*.h")])]


class BuildExt(build_ext):
    """Chooses flags by the compiler in use, which the platform alone does not tell."""

    def build_extensions(self) -> None:
        if self.compiler.compiler_type == "msvc":
            compile_args, link_args, libraries = ["/O2", "/std:c11", "/fp:precise"], [], []
        else:
            compile_args = ["-O3", "-std=c11", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]
            # Python's own flags say -fwrapv, with which loops over an int are not always taken for vector code; and a
            # function whose place in a cache line changes with every other one is up to a fifth faster or slower.
            compile_args += ["-fno-wrapv", "-falign-functions=64", "-fvisibility=hidden", "-Wall", "-Wextra"]
            link_args = ["-Wl,-s"] if sys.platform.startswith("linux") else []
            libraries = ["m"]
        for extension in self.extensions:
            extension.extra_compile_args += compile_args
            extension.extra_link_args += link_args
            extension.libraries += libraries
        super().build_extensions()


setup(
    ext_modules=[
        Extension(
            "seqaug._core",
            sources=["seqaug/_core.pyx", *SOURCES],
            depends=INCLUDED,
            include_dirs=["csrc"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if STABLE_ABI else [],
            py_limited_api=STABLE_ABI,
        )
    ],
    cmdclass={"build_ext": BuildExt},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if STABLE_ABI else {},
)
