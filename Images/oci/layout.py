"""An OCI image layout (image-spec 1.0, image-layout.md) written as plain files."""

import hashlib
import json
import os

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

# One moment for every image: what an image is does not depend on when it was built.
CREATED = "1970-01-01T00:00:00Z"


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def encode(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Layout:
    def __init__(self, folder: str):
        self.folder = folder
        self.tags: list[dict] = []
        os.makedirs(os.path.join(folder, "blobs/sha256"))

    def blob(self, media_type: str, data: bytes) -> dict:
        name = digest(data)
        with open(os.path.join(self.folder, "blobs", *name.split(":")), "wb") as file:
            file.write(data)
        return {"mediaType": media_type, "digest": name, "size": len(data)}

    def image(self, platform: dict, config: dict, layers: list[tuple[bytes, bytes]]) -> dict:
        """One image for one platform. `layers`: each as tar and as gzip. Returns its descriptor."""
        full = {
            **platform,
            "created": CREATED,
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [digest(plain) for plain, _ in layers]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.blob(CONFIG, encode(full)),
            "layers": [self.blob(LAYER, packed) for _, packed in layers],
        }
        return {**self.blob(MANIFEST, encode(manifest)), "platform": platform}

    def tag(self, name: str, images: list[dict]) -> dict:
        """An index over the images of all platforms, to be found by `name`."""
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": images}
        descriptor = self.blob(INDEX, encode(index))
        self.tags.append({**descriptor, "annotations": {"org.opencontainers.image.ref.name": name}})
        return descriptor

    def close(self) -> None:
        self.file("oci-layout", {"imageLayoutVersion": "1.0.0"})
        self.file("index.json", {"schemaVersion": 2, "mediaType": INDEX, "manifests": self.tags})

    def file(self, name: str, value: object) -> None:
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(encode(value))
