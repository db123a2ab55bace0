"""The setting that names a cluster; needs no Ray."""

from pydantic import Field

from songrnn.settings import Settings


class ClusterSettings(Settings):
    """Where the work runs."""

    ray: str | None = Field(
        None,
        min_length=1,
        description="run on the Ray cluster at this address, such as 10.0.0.1:6379, in place of this machine alone; "
        "the results are the same (docs/scale.md)",
    )
