"""Opens the private media of a chat app that is kept by Cloakroom.

`Client` waits; `AsyncClient` is for asyncio. Both do the same.
"""

from ._async_client import AsyncClient, AsyncDownload, AsyncMessagesRequest, AsyncUpload
from ._client import Client, Download, MessagesRequest, Upload
from ._core import has_fat_query_param, strip_fat_query_param
from ._errors import CloakroomError, NetworkError, NotLoggedInError, UploadCancelledError
from ._models import (
    Attachment,
    File,
    Message,
    Receiver,
    SavedFile,
    SecureMediaMode,
    SignedUrl,
    User,
)
from .signing import DelegatedSigner

__all__ = [
    "AsyncClient",
    "AsyncDownload",
    "AsyncMessagesRequest",
    "AsyncUpload",
    "Attachment",
    "Client",
    "CloakroomError",
    "DelegatedSigner",
    "Download",
    "File",
    "Message",
    "MessagesRequest",
    "NetworkError",
    "NotLoggedInError",
    "Receiver",
    "SavedFile",
    "SecureMediaMode",
    "SignedUrl",
    "Upload",
    "UploadCancelledError",
    "User",
    "has_fat_query_param",
    "strip_fat_query_param",
]
