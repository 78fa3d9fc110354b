"""Checks what a wheel is and holds: `python check_wheel.py FILE`."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

wheel = Path(sys.argv[1])
problems = []
if "-cp311-abi3-" not in wheel.name:
    problems.append(f"the tag is not cp311-abi3: {wheel.name}")
with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
    names = archive.namelist()
    modules = [name for name in names if name.endswith((".so", ".pyd"))]
    if modules != ["seqaug/_core.abi3.so"]:
        problems.append(f"expected one module, seqaug/_core.abi3.so: {modules}")
    problems += [f"does not belong: {name}" for name in names if name.endswith((".c", ".h", ".pyx", ".pxi"))]
    wanted = ["seqaug/py.typed", "seqaug/_core.pyi", "seqaug/preprocessing/image.py"]
    problems += [f"is missing: {name}" for name in wanted if name not in names]
    if not any(name.endswith("LICENSE") for name in names):
        problems.append("is missing: LICENSE")
    for name in modules:
        sections = subprocess.run(["readelf", "-S", archive.extract(name, folder)], capture_output=True, text=True)
        if ".symtab" in sections.stdout:
            problems.append(f"is not stripped: {name}")
print(f"{wheel.name}: {wheel.stat().st_size // 1024} KB, {len(names)} files")
sys.exit("\n".join(problems) or 0)
