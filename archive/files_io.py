"""Files of Iceberg's metadata, in the archive's own folder: named from there, and synced."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pyiceberg.io import FileIO, InputFile, OutputFile
from pyiceberg.typedef import EMPTY_DICT, Properties

from archive.table import FOLDER, path_of
from edge.disk import synced


class _There:
    """What Iceberg asks of a file, whether to read or to write it."""

    path: Path

    def __len__(self) -> int:
        return self.path.stat().st_size

    def exists(self) -> bool:
        """Whether it is there."""
        return self.path.is_file()


class _In(_There, InputFile):
    def __init__(self, location: str, path: Path) -> None:
        super().__init__(location)
        self.path = path

    def open(self, seekable: bool = True) -> Any:
        """To read."""
        return self.path.open("rb")


class _Synced:
    """A file that is whole and on the disk once it is closed, and not there before."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.draft = path, path.with_name(f".{path.name}.{os.getpid()}")
        self.file = self.draft.open("wb")

    def write(self, data: bytes) -> int:
        return self.file.write(data)

    def tell(self) -> int:
        return self.file.tell()

    def close(self) -> None:
        if self.file.closed:
            return
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        self.draft.replace(self.path)
        synced(self.path.parent)

    def __enter__(self) -> _Synced:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.file.close()
            self.draft.unlink(missing_ok=True)


class _Out(_There, OutputFile):
    def __init__(self, location: str, path: Path) -> None:
        super().__init__(location)
        self.path = path

    def to_input_file(self) -> InputFile:
        """To read what was written."""
        return _In(self.location, self.path)

    def create(self, overwrite: bool = False) -> Any:
        """To write."""
        if not overwrite and self.exists():
            raise FileExistsError(self.location)
        return _Synced(self.path)


class FolderIO(FileIO):
    """Iceberg's way to files, by the folder that the catalog lies in."""

    def __init__(self, properties: Properties = EMPTY_DICT) -> None:
        super().__init__(properties)
        self.folder = Path(properties[FOLDER])

    def new_input(self, location: str) -> InputFile:
        """Of a location."""
        return _In(location, path_of(self.folder, location))

    def new_output(self, location: str) -> OutputFile:
        """At a location."""
        return _Out(location, path_of(self.folder, location))

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """What no snapshot needs any more."""
        name = location if isinstance(location, str) else location.location
        path_of(self.folder, name).unlink(missing_ok=True)
