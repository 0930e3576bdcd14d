"""boto3 and ACLs: canned, by grants and by document, on buckets and objects, seen by another user and by nobody. Any surprise is a non-zero exit."""
import os
import sys
import urllib.error
import urllib.request
import uuid

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

path = Config(s3={"addressing_style": "path"})
s3 = boto3.client("s3", config=path)
other = boto3.client("s3", config=path, aws_access_key_id=sys.argv[1], aws_secret_access_key=sys.argv[2])
endpoint = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
everybody = "http://acs.amazonaws.com/groups/global/AllUsers"


def refused(call, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        return e.response["Error"]["Code"]
    raise AssertionError(f"{call.__name__} {kwargs} was allowed")


def anonymously(key):
    try:
        return urllib.request.urlopen(f"{endpoint}/{bucket}/{key}").read()
    except urllib.error.HTTPError as e:
        return e.code


bucket = f"acl-{uuid.uuid4().hex}"
s3.create_bucket(Bucket=bucket, ACL="private")
me = s3.get_bucket_acl(Bucket=bucket)["Owner"]["ID"]
s3.put_object(Bucket=bucket, Key="open", Body=b"open", ACL="public-read")
s3.put_object(Bucket=bucket, Key="closed", Body=b"closed")
assert anonymously("open") == b"open" and anonymously("closed") == 403

s3.put_object_acl(Bucket=bucket, Key="closed", GrantRead="id=alice", GrantFullControl=f"id={me}")
assert other.get_object(Bucket=bucket, Key="closed")["Body"].read() == b"closed"
assert refused(other.get_object_acl, Bucket=bucket, Key="closed") == "AccessDenied"
grants = s3.get_object_acl(Bucket=bucket, Key="closed")
assert sorted(g["Permission"] for g in grants["Grants"]) == ["FULL_CONTROL", "READ"]

# The document that was got can be put again, as tools do to add a grant.
grants["Grants"].append({"Grantee": {"Type": "Group", "URI": everybody}, "Permission": "READ"})
s3.put_object_acl(Bucket=bucket, Key="closed", AccessControlPolicy={"Owner": grants["Owner"], "Grants": grants["Grants"]})
assert anonymously("closed") == b"closed"
s3.put_object_acl(Bucket=bucket, Key="closed", ACL="private")
assert anonymously("closed") == 403 and refused(other.get_object, Bucket=bucket, Key="closed") == "AccessDenied"

assert refused(other.list_objects_v2, Bucket=bucket) == "AccessDenied"
s3.put_bucket_acl(Bucket=bucket, ACL="authenticated-read")
assert other.list_objects_v2(Bucket=bucket)["KeyCount"] == 2
assert refused(other.put_object, Bucket=bucket, Key="new", Body=b"x") == "AccessDenied"
s3.put_bucket_acl(Bucket=bucket, GrantWrite="emailAddress=alice@example.com", GrantFullControl=f"id={me}")
other.put_object(Bucket=bucket, Key="new", Body=b"x", ACL="bucket-owner-full-control")
assert s3.get_object(Bucket=bucket, Key="new")["Body"].read() == b"x"
assert refused(s3.put_bucket_acl, Bucket=bucket, GrantRead="id=nobody-at-all") == "InvalidArgument"
assert refused(s3.put_bucket_acl, Bucket=bucket, ACL="everything") == "InvalidArgument"

for key in ("open", "closed", "new"):
    s3.delete_object(Bucket=bucket, Key=key)
s3.delete_bucket(Bucket=bucket)
print("deleted")
