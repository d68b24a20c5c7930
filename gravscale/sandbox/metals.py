"""The bare metal servers on offer."""

from __future__ import annotations

from pydantic import JsonValue


def _metal(name: str, cpu: str, cores: int, memory: int, disks: str, price: float, available: int) -> JsonValue:
    return {
        "name": name,
        "cpu": cpu,
        "cores": cores,
        "memoryGb": memory,
        "disks": disks,
        "network": "2 x 25 Gbps" if cores >= 32 else "2 x 10 Gbps",
        "location": "sao-paulo-1" if available % 2 else "rio-de-janeiro-1",
        "pricePerMonthUsd": price,
        "available": available,
    }


METALS: list[JsonValue] = [
    _metal("m1.small", "Intel Xeon E-2388G", 8, 32, "2 x 480 GB SSD", 129.0, 14),
    _metal("m1.medium", "AMD EPYC 4564P", 16, 64, "2 x 960 GB NVMe", 199.0, 9),
    _metal("m1.large", "AMD EPYC 9254", 24, 128, "2 x 1.92 TB NVMe", 349.0, 5),
    _metal("c1.large", "AMD EPYC 9354", 32, 192, "2 x 1.92 TB NVMe", 459.0, 7),
    _metal("c1.xlarge", "Intel Xeon Gold 6548Y+", 64, 256, "4 x 1.92 TB NVMe", 699.0, 3),
    _metal("r1.xlarge", "AMD EPYC 9454", 48, 768, "4 x 3.84 TB NVMe", 989.0, 2),
    _metal("s1.xlarge", "AMD EPYC 9224", 24, 192, "12 x 16 TB HDD, 2 x 960 GB NVMe", 829.0, 4),
    _metal("g1.large", "AMD EPYC 9354, NVIDIA L40S", 32, 256, "2 x 3.84 TB NVMe", 1490.0, 1),
]
