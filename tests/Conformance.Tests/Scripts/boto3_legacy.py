"""boto3 with Signature Version 2 through a bucket's life. Any surprise is an exception and a non-zero exit."""
import io
import os
import urllib.request
import uuid

import boto3
from botocore.config import Config

s3 = boto3.client("s3", config=Config(signature_version="s3", s3={"addressing_style": "path"}))
bucket = f"legacy-{uuid.uuid4().hex}"
s3.create_bucket(Bucket=bucket)
assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]
key = "dir/a b+ü&"
s3.put_object(Bucket=bucket, Key=key, Body=b"hello", Metadata={"colour": "blue"}, ContentType="text/plain")
got = s3.get_object(Bucket=bucket, Key=key, ResponseContentType="text/x-other")
assert got["Body"].read() == b"hello" and got["Metadata"] == {"colour": "blue"} and got["ContentType"] == "text/x-other"

big = os.urandom(9 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(big), bucket, "big")
assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == big
s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copy")
assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["big", "copy", key]

link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=60)
assert "Signature=" in link and "X-Amz-Signature" not in link
assert urllib.request.urlopen(link).read() == b"hello"
# botocore moves headers of a link into its query and signs them as headers.
link = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "linked", "Metadata": {"colour": "red"}}, ExpiresIn=60)
urllib.request.urlopen(urllib.request.Request(link, data=b"linked", method="PUT", headers={"Content-Type": ""}))
assert s3.head_object(Bucket=bucket, Key="linked")["Metadata"] == {"colour": "red"}

s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": k} for k in (key, "big", "copy", "linked")]})
s3.delete_bucket(Bucket=bucket)
