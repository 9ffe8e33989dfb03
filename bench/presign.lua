-- wrk: POST media/presign with a body and headers from the environment of the run.
wrk.method = "POST"
wrk.body = os.getenv("BENCH_BODY")
wrk.headers["content-type"] = "application/json"
wrk.headers["appid"] = "demoapp"
wrk.headers["authtoken"] = os.getenv("BENCH_TOKEN")
