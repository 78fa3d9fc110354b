"""The extension module; everything else is in pyproject.toml."""

import sys
import sysconfig

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# One wheel for every CPython from 3.11 on. Free-threaded builds have no stable ABI that Cython can use yet.
STABLE_ABI = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")

SOURCES = ["affine_exact.c", "cpu.c", "elementary.c", "flip.c", "maps.c", "philox.c", "resample.c", "shrink.c"]
SOURCES += ["tones.c"]
HEADERS = ["seqaug.h", "cpu.h", "flip.h", "pass.h", "span.h", "store.h", "touch.h", "sample_avx2.h", "sample_neon.h"]
HEADERS += [
    f"{name}_body.h" for name in ("affine", "taps", "type", "pass", "places", "samples", "sample", "colour", "pick")
]


class BuildExt(build_ext):
    """Chooses flags by the compiler in use, which the platform alone does not tell."""

    def build_extensions(self) -> None:
        if self.compiler.compiler_type == "msvc":
            compile_args, link_args, libraries = ["/O2", "/std:c11", "/fp:precise"], [], []
        else:
            compile_args = ["-O3", "-std=c11", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]
            compile_args += ["-fvisibility=hidden", "-Wall", "-Wextra"]
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
            sources=["seqaug/_core.pyx"] + [f"csrc/{name}" for name in SOURCES],
            depends=[f"seqaug/{name}.pxi" for name in ("_draws", "_memory", "_pass", "_tones")]
            + [f"csrc/{name}" for name in HEADERS],
            include_dirs=["csrc"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if STABLE_ABI else [],
            py_limited_api=STABLE_ABI,
        )
    ],
    cmdclass={"build_ext": BuildExt},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if STABLE_ABI else {},
)
