"""What no schema can say about queries: valid requests are made to keep to it.

A list takes the tokens that it gave itself, one filter, and a sort on the filter's property. Schemathesis does not know
that, so what it means to be valid is cut down to it. What is refused is tested by the fuzz targets of queries and tokens.
"""

import schemathesis

@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive or not case.query:
        return
    query = case.query
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
