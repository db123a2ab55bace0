"""`songrnn studio`: the page in the browser, and the HTTP API."""

from songrnn.errors import MissingExtra
from songrnn.studio.settings import StudioSettings


class Command(StudioSettings):
    """Open the studio in the browser: compose tunes, see and hear them, change them.

    It works on this computer alone, without a network, until you end it with Ctrl-C. Other computers connect with
    --host and --token: they open the address that is printed. The same server is an HTTP API; /openapi.json
    describes it.

    Examples:
      songrnn studio
      songrnn studio runs/mine folk
      songrnn studio --host 0.0.0.0 --token our-evening-class
    """


def run(command: Command) -> None:
    """Serve until Ctrl-C; raises MissingExtra where the web server is not installed."""
    try:
        from songrnn.studio.serve import serve

        serve(command)
    except ImportError as error:
        raise MissingExtra(
            f"the studio needs {error.name}, which is not installed: pip install 'songrnn[studio]'"
        ) from error
