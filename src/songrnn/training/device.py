"""The device of a training, and the number format of its products."""

import torch

from songrnn.errors import SettingsError
from songrnn.training.settings import TrainingSettings


def device_of(settings: TrainingSettings) -> torch.device:
    """Raises SettingsError for a CUDA device that is not there."""
    if settings.device == "cuda" and not torch.cuda.is_available():
        raise SettingsError("device is 'cuda', but PyTorch finds no CUDA device here: use --device cpu or auto")
    if settings.device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(settings.device)


def half_precision(settings: TrainingSettings, device: torch.device) -> bool:
    """Whether to multiply in bfloat16 (with float32 weights, states of the optimiser, losses and validation)."""
    if settings.precision != "auto":
        return settings.precision == "bfloat16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
