// Runs the JavaScript SDK v3 through a bucket's life. Prints one line per step; any surprise is an exception and a non-zero exit.
import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import {
  S3Client, CreateBucketCommand, DeleteBucketCommand, PutObjectCommand, GetObjectCommand, HeadObjectCommand, CopyObjectCommand, DeleteObjectCommand,
  DeleteObjectsCommand, ListObjectsV2Command, ListPartsCommand, paginateListObjectsV2, CreateMultipartUploadCommand, UploadPartCommand, AbortMultipartUploadCommand,
  HeadBucketCommand, waitUntilObjectExists,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const s3 = new S3Client({ forcePathStyle: true, maxAttempts: 1 }); // a test wants to see the first answer
const Bucket = `js-${randomUUID()}`;
const sha = (bytes) => createHash("sha256").update(bytes).digest("hex");
const send = (command) => s3.send(command);
const read = async (Key, more = {}) => Buffer.from(await (await send(new GetObjectCommand({ Bucket, Key, ...more }))).Body.transformToByteArray());

/** The headers of the last request that was sent, lower case: the steps below mean a mode of payload, and must not silently test another. */
let sent = {};
s3.middlewareStack.add((next) => async (args) => {
  sent = Object.fromEntries(Object.entries(args.request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return next(args);
}, { step: "finalizeRequest", priority: "low" });

async function refused(call, name, status) {
  try {
    await call();
  } catch (error) {
    assert.equal(error.name, name);
    assert.equal(error.$metadata.httpStatusCode, status);
    if (status !== 404 || name !== "NotFound") assert.ok(error.$metadata.requestId, "a request id");
    return;
  }
  assert.fail(`not refused with ${name}`);
}

await send(new CreateBucketCommand({ Bucket }));
await send(new HeadBucketCommand({ Bucket }));

const put = await send(new PutObjectCommand({ Bucket, Key: "plain", Body: "hello", ContentType: "text/plain", Metadata: { colour: "blue" } }));
assert.equal(put.ETag, `"${createHash("md5").update("hello").digest("hex")}"`);
const got = await send(new GetObjectCommand({ Bucket, Key: "plain", ChecksumMode: "ENABLED" }));
assert.equal(await got.Body.transformToString(), "hello");
assert.deepEqual([got.Metadata, got.ContentType, got.ChecksumCRC32], [{ colour: "blue" }, "text/plain", put.ChecksumCRC32]);
console.log("put and get");

const body = randomBytes(3 * 1024 * 1024 + 17);
for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"]) {
  const Key = `stream/${ChecksumAlgorithm}`;
  await send(new PutObjectCommand({ Bucket, Key, Body: Readable.from(body, { objectMode: false }), ContentLength: body.length, ContentEncoding: "zstd", ChecksumAlgorithm }));
  assert.equal(sent["x-amz-trailer"], `x-amz-checksum-${ChecksumAlgorithm.toLowerCase()}`);
  assert.match(sent["x-amz-content-sha256"], /^STREAMING-.*-TRAILER$/);
  assert.equal(sha(await read(Key, { ChecksumMode: "ENABLED" })), sha(body));
  const head = await send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
  assert.ok(head[`Checksum${ChecksumAlgorithm}`]);
  assert.equal(head.ContentEncoding, "zstd"); // aws-chunked is framing, not content
  assert.equal(head.ContentLength, body.length);
}
console.log("streams with trailing checksums");

const big = randomBytes(17 * 1024 * 1024 + 123);
const upload = new Upload({ client: s3, params: { Bucket, Key: "dir/big", Body: Readable.from(chunks(big, 100_000)) }, partSize: 5 * 1024 * 1024, queueSize: 3 });
const done = await upload.done();
assert.match(done.ETag, /-4"$/);
assert.equal(sha(await read("dir/big")), sha(big));
assert.deepEqual(await read("dir/big", { Range: "bytes=5242870-5242899" }), big.subarray(5242870, 5242900));
assert.deepEqual(await read("dir/big", { PartNumber: 4 }), big.subarray(15 * 1024 * 1024));
const aborted = new Upload({ client: s3, params: { Bucket, Key: "dir/aborted", Body: Readable.from(chunks(big, 100_000)) } });
aborted.on("httpUploadProgress", () => void aborted.abort());
await assert.rejects(aborted.done(), { name: "AbortError" });
await refused(() => send(new HeadObjectCommand({ Bucket, Key: "dir/aborted" })), "NotFound", 404);
console.log("multipart by lib-storage");

const { UploadId } = await send(new CreateMultipartUploadCommand({ Bucket, Key: "parts", ChecksumAlgorithm: "CRC32C" }));
const part = await send(new UploadPartCommand({ Bucket, Key: "parts", UploadId, PartNumber: 1, Body: "x", ChecksumAlgorithm: "CRC32C" }));
const listed = await send(new ListPartsCommand({ Bucket, Key: "parts", UploadId }));
assert.deepEqual(listed.Parts.map((p) => [p.PartNumber, p.ETag, p.Size, p.ChecksumCRC32C]), [[1, part.ETag, 1, part.ChecksumCRC32C]]);
await send(new AbortMultipartUploadCommand({ Bucket, Key: "parts", UploadId }));
await refused(() => send(new ListPartsCommand({ Bucket, Key: "parts", UploadId })), "NoSuchUpload", 404);
console.log("parts");

await send(new CopyObjectCommand({ Bucket, Key: "dir/copy ü+&", CopySource: `${Bucket}/dir/big` }));
assert.equal(sha(await read("dir/copy ü+&")), sha(big));
await waitUntilObjectExists({ client: s3, maxWaitTime: 30 }, { Bucket, Key: "dir/copy ü+&" });
console.log("copy");

const getUrl = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "plain", ResponseContentType: "text/x-other" }), { expiresIn: 60 });
const fetched = await fetch(getUrl);
assert.deepEqual([fetched.status, fetched.headers.get("content-type"), await fetched.text()], [200, "text/x-other", "hello"]);
assert.equal((await fetch(getUrl.replace(/Signature=.{8}/, "Signature=00000000"))).status, 403);
// The presigner computes a checksum of a body that it does not have (of none) unless told otherwise; S3 holds the request to it.
const presigning = new S3Client({ forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" });
const putUrl = await getSignedUrl(presigning, new PutObjectCommand({ Bucket, Key: "signed/ü put" }), { expiresIn: 60 });
const stored = await fetch(putUrl, { method: "PUT", body });
assert.equal(stored.status, 200, await stored.text());
assert.equal(sha(await read("signed/ü put")), sha(body));
const baked = await fetch(await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "baked" }), { expiresIn: 60 }), { method: "PUT", body });
assert.equal(baked.status, 400);
assert.match(await baked.text(), /<Code>BadDigest<\/Code>/);
console.log("presigned");

const keys = Array.from({ length: 23 }, (_, i) => `list/${String(i).padStart(2, "0")} ü+&<.txt`);
await Promise.all(keys.map((Key) => send(new PutObjectCommand({ Bucket, Key, Body: Key }))));
const pages = [];
for await (const page of paginateListObjectsV2({ client: s3, pageSize: 10 }, { Bucket, Prefix: "list/" })) pages.push(page.Contents.map((o) => o.Key));
assert.deepEqual(pages.map((p) => p.length), [10, 10, 3]);
assert.deepEqual(pages.flat(), keys);
const top = await send(new ListObjectsV2Command({ Bucket, Delimiter: "/" }));
assert.deepEqual(top.CommonPrefixes.map((p) => p.Prefix), ["dir/", "list/", "signed/", "stream/"]);
console.log("listings");

await refused(() => send(new GetObjectCommand({ Bucket, Key: "missing" })), "NoSuchKey", 404);
await refused(() => send(new HeadObjectCommand({ Bucket, Key: "missing" })), "NotFound", 404);
await refused(() => send(new PutObjectCommand({ Bucket, Key: "plain", Body: "x", IfNoneMatch: "*" })), "PreconditionFailed", 412);
await refused(() => send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", ChecksumCRC32: "AAAAAA==" })), "BadDigest", 400);
await refused(() => send(new GetObjectCommand({ Bucket, Key: "plain", Range: "bytes=99-" })), "InvalidRange", 416);
await refused(() => send(new CreateBucketCommand({ Bucket: "No" })), "InvalidBucketName", 400);
await refused(() => send(new DeleteBucketCommand({ Bucket })), "BucketNotEmpty", 409);
const stranger = new S3Client({ forcePathStyle: true, maxAttempts: 1, credentials: { accessKeyId: s3Key(), secretAccessKey: "wrong" } });
await refused(() => stranger.send(new GetObjectCommand({ Bucket, Key: "plain" })), "SignatureDoesNotMatch", 403);
console.log("errors");

await send(new DeleteObjectCommand({ Bucket, Key: "plain" }));
const all = [];
for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) all.push(...page.Contents.map(({ Key }) => ({ Key })));
const deleted = await send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: all } }));
assert.deepEqual([deleted.Deleted.length, deleted.Errors ?? []], [all.length, []]);
await send(new DeleteBucketCommand({ Bucket }));
await refused(() => send(new ListObjectsV2Command({ Bucket })), "NoSuchBucket", 404);
console.log("deleted");

function* chunks(bytes, size) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function s3Key() {
  return process.env.AWS_ACCESS_KEY_ID;
}
