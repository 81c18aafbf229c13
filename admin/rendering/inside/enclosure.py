"""The walls of the child, built by itself before it reads one byte of the file: limits, a root of its own, no powers.

The parent starts it through ``unshare`` in user, mount, network, IPC, host-name and process namespaces of its own.
What is left to do here: a root that lies in memory and shows, read-only, the interpreter, the libraries and the fonts,
and then giving up every capability. Anything that fails raises OSError, and nothing is opened (mount(2),
pivot_root(2), mount_setattr(2), capabilities(7)).
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

WORK = "/tmp"  # noqa: S108  # in the child's own root, which no other process sees
SHOWN = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/libreoffice",
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
SCAFFOLD = "/dev/shm"  # noqa: S108  # a mount point that is always there; only this process sees what is put on it
ROOT = SCAFFOLD + "/root"
"""What the child sees as its root. Not the mount itself: the kernel refuses a further user namespace, in which all
powers could be had again, to whoever lives in a changed root (EPERM of unshare(2))."""

MS_RDONLY, MS_NOSUID, MS_NODEV = 0x1, 0x2, 0x4
MS_BIND, MS_REC = 0x1000, 0x4000
MNT_DETACH = 2
AT_FDCWD, AT_RECURSIVE, SYS_MOUNT_SETATTR = -100, 0x8000, 442  # one number on every architecture since Linux 5.12
PR_SET_NO_NEW_PRIVS, PR_SET_DUMPABLE = 38, 4
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class _Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


def limit(limits: Mapping[str, int]) -> None:
    """Set hard limits by their names in the :mod:`resource` module (``{"AS": bytes, "CPU": seconds, …}``)."""
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(kind)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (most, most))


def enclose(more: Iterable[str], room_bytes: int) -> None:
    """Leave the machine's files for a root in memory of at most *room_bytes*, in which *more* can be read as well.

    Raises OSError when the kernel does not allow it; what was done until then harms nobody but this process.
    """
    shown = list(dict.fromkeys([*SHOWN, sys.base_prefix, sys.prefix, *more]))
    if any(_below(path, SCAFFOLD) for path in shown):
        raise OSError(f"{SCAFFOLD} may not hold the program")
    _mount("tmpfs", SCAFFOLD, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,nr_inodes=4096,mode=0700")
    Path(ROOT + WORK).mkdir(parents=True)
    _mount("tmpfs", ROOT + WORK, "tmpfs", MS_NOSUID | MS_NODEV, f"size={room_bytes},nr_inodes=8192,mode=0700")
    _show(path for path in shown if not any(_below(path, other) for other in shown if other != path))
    for device in DEVICES:
        _bind(device)
    _fix(SCAFFOLD, MS_RDONLY)
    os.chdir(SCAFFOLD)
    _call(_libc.pivot_root, b".", b".")
    _call(_libc.umount2, b".", MNT_DETACH)
    os.chroot(ROOT.removeprefix(SCAFFOLD))
    os.chdir(WORK)


def give_up_powers() -> None:
    """No capability, none to be had by starting a program, and no other process of the account may look inside."""
    _call(_libc.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call(_libc.prctl, PR_SET_DUMPABLE, 0, 0, 0, 0)
    head = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _call(_libc.capset, head, (ctypes.c_uint32 * 6)())


def _show(paths: Iterable[str]) -> None:
    for path in paths:
        if os.path.islink(path):  # /lib → usr/lib
            os.symlink(os.readlink(path), ROOT + path)
        elif os.path.exists(path):
            _bind(path)
            _fix(ROOT + path, MS_RDONLY | MS_NOSUID | MS_NODEV, AT_RECURSIVE)


def _bind(path: str) -> None:
    target = Path(ROOT + path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.isdir(path):
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    _mount(path, str(target), None, MS_BIND | MS_REC)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    words = [os.fsencode(word) if word is not None else None for word in (source, target, kind, options)]
    _call(_libc.mount, words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])


def _fix(place: str, flags: int, depth: int = 0) -> None:
    attributes = _Attributes(set=flags)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    where = (AT_FDCWD, os.fsencode(place), depth)
    _call(_libc.syscall, ctypes.c_long(SYS_MOUNT_SETATTR), *where, ctypes.byref(attributes), size)


def _below(path: str, folder: str) -> bool:
    return os.path.commonpath([path, folder]) == folder


def _call(function: ctypes._NamedFuncPointer, *arguments: object) -> None:
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function.__name__}: {os.strerror(number)}")
