// Orleans has an ErrorCode of its own.
global using ErrorCode = OrleansDfs.S3.ErrorCode;
