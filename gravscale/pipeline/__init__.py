"""The way of a call, step by step. Each step knows the next one only.

AuthenticationApi.sign_in(…)       api/authentication_api.py    the operation and its arguments
 └ ApiClient.perform               api_client.py                starts the call and its deadline
    ├ build_request                pipeline/build.py            checks the arguments, builds the request
    ├ Read                         pipeline/response.py         reads and decompresses the body
    │  └ Authenticate              pipeline/authenticate.py     adds credentials; on a 401 renews them once
    │     └ Retry                  pipeline/retry.py            sends again where that is safe
    │        └ Redirect            pipeline/redirect.py         follows within the origin
    │           └ Observe          pipeline/events.py           tells the event hooks of each attempt
    │              └ Send          pipeline/send.py             one attempt
    │                 └ Transport  transport/                   bytes out, bytes in
    └ parse_answer                 pipeline/parse.py            the data, or the ApiException
"""

from __future__ import annotations

from gravscale.configuration import Configuration
from gravscale.pipeline.authenticate import Authenticate
from gravscale.pipeline.events import Observe
from gravscale.pipeline.redirect import Redirect
from gravscale.pipeline.response import Read
from gravscale.pipeline.retry import Retry
from gravscale.pipeline.send import Send
from gravscale.transport import Transport


def compose(configuration: Configuration, transport: Transport) -> Read:
    """Return the steps of a call, put together. The first is to be called."""
    attempt = Observe(Send(transport), configuration)
    return Read(Authenticate(Retry(Redirect(attempt), configuration)), configuration)
