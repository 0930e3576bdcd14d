"""boto3 with the bucket in the host's name. Every name is this machine. Any surprise is an exception and a non-zero exit."""
import io
import os
import socket
import urllib.request
import uuid

import boto3
from botocore.config import Config

resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more)

s3 = boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
hosts = set()
s3.meta.events.register("before-send.s3", lambda request, **_: hosts.add(request.url.split("/")[2].split(":")[0]))
bucket = f"virtual-{uuid.uuid4().hex}"
s3.create_bucket(Bucket=bucket)
s3.put_object(Bucket=bucket, Key="a//b ü", Body=b"hello")
assert s3.get_object(Bucket=bucket, Key="a//b ü")["Body"].read() == b"hello"
big = os.urandom(9 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(big), bucket, "big")
assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == big
assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a//b ü", "big"]
link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a//b ü"}, ExpiresIn=60)
assert f"//{bucket}." in link and urllib.request.urlopen(link).read() == b"hello"
s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a//b ü"}, {"Key": "big"}]})
s3.delete_bucket(Bucket=bucket)
assert hosts == {f"{bucket}.s3.example.test"}, hosts
