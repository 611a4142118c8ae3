"""What no schema can say: valid requests are made to keep to it.

A list takes the tokens that it gave itself, one filter, and a sort on the filter's property; an Idempotency-Key is for
one request alone. Schemathesis does not know that, so what it means to be valid is cut down to it. What is refused is
tested by the fuzz targets of queries and tokens, and by the tests of keys.
"""

import re
import uuid

import schemathesis

# A key that is none stays as it is.
KEY = re.compile("[!-~]{1,255}")

@schemathesis.hook
def before_call(context, case, kwargs):
    if case.headers and KEY.fullmatch(str(case.headers.get("Idempotency-Key", ""))):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if case.meta is not None and case.meta.generation.mode.is_positive and case.query:
        cut_down(case.query)

def cut_down(query):
    query.pop("paginationToken", None)
    filters = [name for name in query if name.startswith("filter[") and query[name]]
    for name in filters[1:]:
        del query[name]
    for name in filters[:1]:
        value = query[name]
        if name.endswith("[between]") and value["value1"] > value["value2"]:
            value["value1"], value["value2"] = value["value2"], value["value1"]
        if "sort" in query and list(query["sort"]) != [name.split("[")[1].rstrip("]")]:
            del query["sort"]
