"""Functions that the tests run on nodes."""

import errno
import os
import time


def number_and_node(number, seconds=0.0):
    import ray

    time.sleep(seconds)
    return number, ray.util.get_node_ip_address()


def full_disk_on(addresses):
    """Fails as a write does where the disk of the node is full."""
    import ray

    here = ray.util.get_node_ip_address()
    if here in addresses:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return here


def ask_twice(say, content):
    return [say(content), say(content + 1)]


def say_until_given_up(say, end):
    """The file `end` is there when this has ended by itself."""
    try:
        while True:
            say("hello")
    finally:
        end.touch()


def end_of_process():
    os._exit(1)
