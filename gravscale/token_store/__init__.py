"""Token stores share tokens among processes and machines."""

from gravscale.token_store.entry import StoredAuthorization as StoredAuthorization
from gravscale.token_store.file import FileTokenStore as FileTokenStore
from gravscale.token_store.redis import RedisTokenStore as RedisTokenStore
