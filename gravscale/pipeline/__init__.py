"""The path of a call, step by step. Each step knows only the next one.

AuthenticationApi.sign_in(…)       api/authentication_api.py    the operation and its arguments
 └ ApiClient.perform               api_client.py                starts the call and its deadline
    ├ build_request                pipeline/build.py            checks the arguments, builds the request
    ├ Read                         pipeline/response.py         reads and decompresses the body
    │  └ Authenticate              pipeline/authenticate.py     adds credentials, and renews them once on a 401
    │     └ Retry                  pipeline/retry.py            sends again if that is safe
    │        └ Redirect            pipeline/redirect.py         follows redirects within the origin
    │           └ Observe          pipeline/events.py           calls the event hooks for each attempt
    │              └ Send          pipeline/send.py             makes one attempt
    │                 └ Transport  transport/                   bytes out, bytes in
    └ parse_answer                 pipeline/parse.py            returns the data, or raises the ApiException
"""

from __future__ import annotations

from gravscale.pipeline.authenticate import Authenticate
from gravscale.pipeline.events import Observe
from gravscale.pipeline.redirect import Redirect
from gravscale.pipeline.response import Read
from gravscale.pipeline.retry import Retry
from gravscale.pipeline.send import Send
from gravscale.transport import Transport


def compose(transport: Transport) -> Read:
    """Compose the steps of a call, and return the first one."""
    return Read(Authenticate(Retry(Redirect(Observe(Send(transport))))))
