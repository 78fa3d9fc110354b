"""The extension module; everything else is in pyproject.toml."""

import sys
import sysconfig

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# One wheel for every CPython from 3.11 on. Free-threaded builds have no stable ABI that Cython can use yet.
STABLE_ABI = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")

UNITS = ["affine_exact", "cpu", "elementary", "flip", "maps", "philox", "resample", "shrink", "spline", "tones"]
UNITS += ["blur", "clahe", "elastic", "gauss", "sharpen"]
SOURCES = [f"{name}.c" for name in UNITS]
INNER = ["bytes", "cpu", "flip", "normal", "pass", "span", "spline", "steps", "store", "touch"]
INNER += ["look_avx2", "noise_avx2", "sample_avx2", "sample_neon"]
BODIES = ["affine", "taps", "spline", "type", "pass", "places", "samples", "sample", "colour", "pick"]
BODIES += ["bytes", "curve", "measure", "noise"]
INNER = ["cpu", "flip", "normal", "pass", "span", "spline", "store", "touch", "sample_avx2", "sample_neon"]
BODIES = ["affine", "taps", "spline", "type", "pass", "places", "samples", "sample", "colour", "erase", "noise", "pick"]
BODIES += ["blur", "clahe", "gauss", "sharpen"]
UNITS = ["affine_exact", "cpu", "elementary", "flip", "maps", "mix", "philox", "resample", "shrink", "spline", "tones"]
INNER = ["cpu", "flip", "pass", "span", "spline", "store", "touch", "sample_avx2", "sample_neon"]
BODIES = ["affine", "taps", "spline", "type", "pass", "places", "samples", "sample", "colour", "pick", "mix"]
HEADERS = ["seqaug.h", *(f"{name}.h" for name in INNER), *(f"{name}_body.h" for name in BODIES)]


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
            depends=[f"seqaug/{name}.pxi" for name in ("_draws", "_filters", "_memory", "_pass", "_tones")]
            depends=[f"seqaug/{name}.pxi" for name in ("_draws", "_memory", "_mix", "_pass", "_tones")]
            + [f"csrc/{name}" for name in HEADERS],
            include_dirs=["csrc"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if STABLE_ABI else [],
            py_limited_api=STABLE_ABI,
        )
    ],
    cmdclass={"build_ext": BuildExt},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if STABLE_ABI else {},
)
