"""Runs boto3 through a bucket's life. Prints one line per step; any surprise is an exception and a non-zero exit."""
import hashlib
import os
import tempfile
import urllib.request
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
bucket = f"boto3-{uuid.uuid4().hex}"


def code_of(call):
    try:
        call()
    except ClientError as e:
        return e.response["Error"]["Code"]
    raise AssertionError("the call was not refused")


s3.create_bucket(Bucket=bucket)
assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]

put = s3.put_object(Bucket=bucket, Key="plain", Body=b"hello", ContentType="text/plain", Metadata={"colour": "blue"})
assert put["ETag"] == '"%s"' % hashlib.md5(b"hello").hexdigest()
got = s3.get_object(Bucket=bucket, Key="plain", ChecksumMode="ENABLED")
assert got["Body"].read() == b"hello" and got["Metadata"] == {"colour": "blue"} and got["ContentType"] == "text/plain"
assert got["ChecksumCRC32"] == put["ChecksumCRC32"]
print("put and get")

big = os.urandom(20 * 1024 * 1024 + 123)
with tempfile.TemporaryDirectory() as folder:
    source, target = os.path.join(folder, "source"), os.path.join(folder, "target")
    with open(source, "wb") as f:
        f.write(big)
    s3.upload_file(source, bucket, "dir/big")
    s3.download_file(bucket, "dir/big", target)
    with open(target, "rb") as f:
        assert f.read() == big
print("multipart up and down")

s3.copy({"Bucket": bucket, "Key": "dir/big"}, bucket, "dir/copy")
assert s3.get_object(Bucket=bucket, Key="dir/copy", Range="bytes=5-9")["Body"].read() == big[5:10]
print("copy and range")

pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
assert [o["Key"] for page in pages for o in page.get("Contents", [])] == ["dir/big", "dir/copy", "plain"]
top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
assert [p["Prefix"] for p in top["CommonPrefixes"]] == ["dir/"]
print("listings")

assert code_of(lambda: s3.get_object(Bucket=bucket, Key="missing")) == "NoSuchKey"
assert code_of(lambda: s3.head_object(Bucket=bucket, Key="missing")) == "404"
assert code_of(lambda: s3.put_object(Bucket=bucket, Key="plain", Body=b"x", IfNoneMatch="*")) == "PreconditionFailed"
assert code_of(lambda: s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms")) == "NotImplemented"
assert code_of(lambda: s3.get_object_torrent(Bucket=bucket, Key="plain")) == "NotImplemented"
print("errors")

content = os.urandom(200_000)
assert s3.put_object(Bucket=bucket, Key="sse", Body=content, ServerSideEncryption="AES256")["ServerSideEncryption"] == "AES256"
assert s3.get_object(Bucket=bucket, Key="sse", Range="bytes=65000-140000")["Body"].read() == content[65000:140001]
customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}
s3.put_object(Bucket=bucket, Key="sse", Body=content, **customer)
assert s3.get_object(Bucket=bucket, Key="sse", **customer)["Body"].read() == content
assert code_of(lambda: s3.get_object(Bucket=bucket, Key="sse")) == "InvalidRequest"
assert code_of(lambda: s3.head_object(Bucket=bucket, Key="sse", SSECustomerAlgorithm="AES256", SSECustomerKey=os.urandom(32))) == "403"
s3.delete_object(Bucket=bucket, Key="sse")
print("encryption")

# botocore presigns with SigV2 in us-east-1 unless told otherwise
url = boto3.client("s3", config=Config(signature_version="s3v4")).generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "plain"}, ExpiresIn=60)
assert urllib.request.urlopen(url).read() == b"hello"
print("presigned")

deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": k} for k in ("plain", "dir/big", "dir/copy", "missing")]})
assert len(deleted["Deleted"]) == 4 and not deleted.get("Errors")
s3.delete_bucket(Bucket=bucket)
assert code_of(lambda: s3.list_objects_v2(Bucket=bucket)) == "NoSuchBucket"
print("deleted")
