namespace OrleansDfs.S3;

/// <summary>
/// Every error S3 names that this server can give, with its HTTP status and the message clients see when nothing more precise is said
/// (Amazon S3 API Reference, "Error responses"). aws-cli crashes on an error without a message, so none is empty.
/// </summary>
public sealed record ErrorCode
{
    private static readonly Dictionary<string, ErrorCode> ByName = [];

    public static readonly ErrorCode AccessControlListNotSupported = new(400, nameof(AccessControlListNotSupported),
        "The bucket does not allow ACLs");
    public static readonly ErrorCode AccessDenied = new(403, nameof(AccessDenied), "Access Denied");
    public static readonly ErrorCode AccessForbidden =
        new(403, nameof(AccessForbidden), "CORSResponse: This CORS request is not allowed.");
    public static readonly ErrorCode AmbiguousGrantByEmailAddress = new(400, nameof(AmbiguousGrantByEmailAddress),
        "The e-mail address you provided is associated with more than one account.");
    public static readonly ErrorCode AuthorizationHeaderMalformed =
        new(400, nameof(AuthorizationHeaderMalformed), "The authorization header that you provided is not valid.");
    public static readonly ErrorCode AuthorizationQueryParametersError =
        new(400, nameof(AuthorizationQueryParametersError), "Query-string authentication parameters are not valid.");
    public static readonly ErrorCode BadDigest =
        new(400, nameof(BadDigest), "The Content-MD5 or checksum value that you specified did not match what the server received.");
    public static readonly ErrorCode BadRequest = new(400, nameof(BadRequest), "The request could not be understood.");
    public static readonly ErrorCode BucketAlreadyExists = new(409, nameof(BucketAlreadyExists),
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name " +
        "and try again.");
    public static readonly ErrorCode BucketAlreadyOwnedByYou = new(409, nameof(BucketAlreadyOwnedByYou),
        "Your previous request to create the named bucket succeeded and you already own it.");
    public static readonly ErrorCode BucketNotEmpty = new(409, nameof(BucketNotEmpty), "The bucket you tried to delete is not empty");
    public static readonly ErrorCode ConditionalRequestConflict = new(409, nameof(ConditionalRequestConflict),
        "The conditional request cannot succeed due to a conflicting operation against this resource.");
    public static readonly ErrorCode EntityTooLarge = new(400, nameof(EntityTooLarge), "Your proposed upload exceeds the maximum allowed size");
    public static readonly ErrorCode EntityTooSmall =
        new(400, nameof(EntityTooSmall), "Your proposed upload is smaller than the minimum allowed size");
    public static readonly ErrorCode IllegalLocationConstraintException = new(400, nameof(IllegalLocationConstraintException),
        "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.");
    public static readonly ErrorCode IllegalVersioningConfigurationException = new(400, nameof(IllegalVersioningConfigurationException),
        "The versioning configuration specified in the request is invalid.");
    public static readonly ErrorCode IncompleteBody = new(400, nameof(IncompleteBody),
        "You did not provide the number of bytes specified by the Content-Length HTTP header");
    public static readonly ErrorCode InternalError =
        new(500, nameof(InternalError), "We encountered an internal error. Please try again.");
    public static readonly ErrorCode InvalidAccessKeyId =
        new(403, nameof(InvalidAccessKeyId), "The AWS Access Key Id you provided does not exist in our records.");
    public static readonly ErrorCode InvalidArgument = new(400, nameof(InvalidArgument), "Invalid Argument");
    public static readonly ErrorCode InvalidBucketAclWithBlockPublicAccessError = new(400, nameof(InvalidBucketAclWithBlockPublicAccessError),
        "Bucket cannot have public ACLs set with BlockPublicAccess enabled");
    public static readonly ErrorCode InvalidBucketAclWithObjectOwnership = new(400, nameof(InvalidBucketAclWithObjectOwnership),
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
    public static readonly ErrorCode InvalidBucketName = new(400, nameof(InvalidBucketName), "The specified bucket is not valid.");
    public static readonly ErrorCode InvalidBucketOwnerAWSAccountID = new(400, nameof(InvalidBucketOwnerAWSAccountID),
        "The value of the expected bucket owner parameter must be an AWS Account ID");
    public static readonly ErrorCode InvalidBucketState =
        new(409, nameof(InvalidBucketState), "The request is not valid for the current state of the bucket.");
    public static readonly ErrorCode InvalidChunkSizeError =
        new(403, nameof(InvalidChunkSizeError), "Only the last chunk is allowed to have a size less than 8192 bytes");
    public static readonly ErrorCode InvalidDigest = new(400, nameof(InvalidDigest), "The Content-MD5 you specified was invalid.");
    public static readonly ErrorCode InvalidEncryptionAlgorithmError =
        new(400, nameof(InvalidEncryptionAlgorithmError), "The Encryption request you specified is not valid. Supported value: AES256.");
    public static readonly ErrorCode InvalidLocationConstraint =
        new(400, nameof(InvalidLocationConstraint), "The specified location-constraint is not valid");
    public static readonly ErrorCode InvalidObjectState =
        new(403, nameof(InvalidObjectState), "The operation is not valid for the current state of the object.");
    public static readonly ErrorCode InvalidPart = new(400, nameof(InvalidPart),
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match " +
        "the part's entity tag.");
    public static readonly ErrorCode InvalidPartNumber =
        new(416, nameof(InvalidPartNumber), "The requested partnumber is not satisfiable");
    public static readonly ErrorCode InvalidPartOrder = new(400, nameof(InvalidPartOrder),
        "The list of parts was not in ascending order. Parts must be ordered by part number.");
    public static readonly ErrorCode InvalidPolicyDocument =
        new(400, nameof(InvalidPolicyDocument), "The content of the form does not meet the conditions specified in the policy document.");
    public static readonly ErrorCode InvalidRange = new(416, nameof(InvalidRange), "The requested range is not satisfiable");
    public static readonly ErrorCode InvalidRedirectLocation = new(400, nameof(InvalidRedirectLocation),
        "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.");
    public static readonly ErrorCode InvalidRequest = new(400, nameof(InvalidRequest), "Invalid Request");
    public static readonly ErrorCode InvalidStorageClass =
        new(400, nameof(InvalidStorageClass), "The storage class you specified is not valid");
    public static readonly ErrorCode InvalidTag = new(400, nameof(InvalidTag), "The tag provided was not a valid tag.");
    public static readonly ErrorCode InvalidTargetBucketForLogging =
        new(400, nameof(InvalidTargetBucketForLogging), "The target bucket for logging does not exist.");
    public static readonly ErrorCode InvalidToken = new(400, nameof(InvalidToken), "The provided token is malformed or otherwise invalid.");
    public static readonly ErrorCode InvalidURI = new(400, nameof(InvalidURI), "Couldn't parse the specified URI.");
    public static readonly ErrorCode KeyTooLongError = new(400, nameof(KeyTooLongError), "Your key is too long");
    public static readonly ErrorCode MalformedACLError = new(400, nameof(MalformedACLError),
        "The XML you provided was not well-formed or did not validate against our published schema");
    public static readonly ErrorCode MalformedPOSTRequest = new(400, nameof(MalformedPOSTRequest),
        "The body of your POST request is not well-formed multipart/form-data.");
    public static readonly ErrorCode MalformedPolicy = new(400, nameof(MalformedPolicy), "Policy has invalid resource");
    public static readonly ErrorCode MalformedTrailerError =
        new(400, nameof(MalformedTrailerError),
            "The request contained trailing data that was not well-formed or did not conform to our published schema.");
    public static readonly ErrorCode MalformedXML = new(400, nameof(MalformedXML),
        "The XML you provided was not well-formed or did not validate against our published schema");
    public static readonly ErrorCode MaxMessageLengthExceeded =
        new(400, nameof(MaxMessageLengthExceeded), "Your request was too big.");
    public static readonly ErrorCode MaxPostPreDataLengthExceededError = new(400, nameof(MaxPostPreDataLengthExceededError),
        "Your POST request fields preceding the upload file were too large.");
    public static readonly ErrorCode MetadataTooLarge =
        new(400, nameof(MetadataTooLarge), "Your metadata headers exceed the maximum allowed metadata size");
    public static readonly ErrorCode MethodNotAllowed =
        new(405, nameof(MethodNotAllowed), "The specified method is not allowed against this resource.");
    public static readonly ErrorCode MissingContentLength =
        new(411, nameof(MissingContentLength), "You must provide the Content-Length HTTP header.");
    public static readonly ErrorCode MissingRequestBodyError = new(400, nameof(MissingRequestBodyError), "Request Body is empty");
    public static readonly ErrorCode MissingSecurityHeader =
        new(400, nameof(MissingSecurityHeader), "Your request was missing a required header");
    public static readonly ErrorCode NoSuchBucket = new(404, nameof(NoSuchBucket), "The specified bucket does not exist");
    public static readonly ErrorCode NoSuchBucketPolicy = new(404, nameof(NoSuchBucketPolicy), "The bucket policy does not exist");
    public static readonly ErrorCode NoSuchConfiguration =
        new(404, nameof(NoSuchConfiguration), "The specified configuration does not exist.");
    public static readonly ErrorCode NoSuchCORSConfiguration =
        new(404, nameof(NoSuchCORSConfiguration), "The CORS configuration does not exist");
    public static readonly ErrorCode NoSuchKey = new(404, nameof(NoSuchKey), "The specified key does not exist.");
    public static readonly ErrorCode NoSuchLifecycleConfiguration =
        new(404, nameof(NoSuchLifecycleConfiguration), "The lifecycle configuration does not exist");
    public static readonly ErrorCode NoSuchObjectLockConfiguration =
        new(404, nameof(NoSuchObjectLockConfiguration), "The specified object does not have a ObjectLock configuration");
    public static readonly ErrorCode NoSuchPublicAccessBlockConfiguration = new(404, nameof(NoSuchPublicAccessBlockConfiguration),
        "The public access block configuration was not found");
    public static readonly ErrorCode NoSuchTagSet = new(404, nameof(NoSuchTagSet), "The TagSet does not exist");
    public static readonly ErrorCode NoSuchUpload = new(404, nameof(NoSuchUpload),
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.");
    public static readonly ErrorCode NoSuchVersion =
        new(404, nameof(NoSuchVersion), "The specified version does not exist.");
    public static readonly ErrorCode NoSuchWebsiteConfiguration =
        new(404, nameof(NoSuchWebsiteConfiguration), "The specified bucket does not have a website configuration");
    public static readonly ErrorCode NotImplemented =
        new(501, nameof(NotImplemented), "A header you provided implies functionality that is not implemented");
    public static readonly ErrorCode ObjectLockConfigurationNotFoundError = new(404, nameof(ObjectLockConfigurationNotFoundError),
        "Object Lock configuration does not exist for this bucket");
    public static readonly ErrorCode OperationAborted = new(409, nameof(OperationAborted),
        "A conflicting conditional operation is currently in progress against this resource. Please try again.");
    public static readonly ErrorCode OwnershipControlsNotFoundError =
        new(404, nameof(OwnershipControlsNotFoundError), "The bucket ownership controls were not found");
    public static readonly ErrorCode PreconditionFailed =
        new(412, nameof(PreconditionFailed), "At least one of the pre-conditions you specified did not hold");
    public static readonly ErrorCode ReplicationConfigurationNotFoundError = new(404, nameof(ReplicationConfigurationNotFoundError),
        "The replication configuration was not found");
    public static readonly ErrorCode RequestHeaderSectionTooLarge = new(400, nameof(RequestHeaderSectionTooLarge),
        "Your request header section exceeds the maximum allowed size.");
    public static readonly ErrorCode RequestTimeout = new(400, nameof(RequestTimeout),
        "Your socket connection to the server was not read from or written to within the timeout period.");
    public static readonly ErrorCode RequestTimeTooSkewed = new(403, nameof(RequestTimeTooSkewed),
        "The difference between the request time and the current time is too large.");
    public static readonly ErrorCode ServerSideEncryptionConfigurationNotFoundError = new(404, nameof(ServerSideEncryptionConfigurationNotFoundError),
        "The server side encryption configuration was not found");
    public static readonly ErrorCode ServiceUnavailable =
        new(503, nameof(ServiceUnavailable), "Service is unable to handle request.");
    public static readonly ErrorCode SignatureDoesNotMatch = new(403, nameof(SignatureDoesNotMatch),
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.");
    public static readonly ErrorCode SlowDown = new(503, nameof(SlowDown), "Please reduce your request rate.");
    public static readonly ErrorCode TooManyBuckets =
        new(400, nameof(TooManyBuckets), "You have attempted to create more buckets than allowed");
    public static readonly ErrorCode UnexpectedContent = new(400, nameof(UnexpectedContent), "This request does not support content");
    public static readonly ErrorCode UnresolvableGrantByEmailAddress = new(400, nameof(UnresolvableGrantByEmailAddress),
        "The e-mail address you provided does not match any account on record.");
    public static readonly ErrorCode UnsupportedArgument =
        new(400, nameof(UnsupportedArgument), "The request contained an unsupported argument.");
    public static readonly ErrorCode UnsupportedSignature =
        new(400, nameof(UnsupportedSignature), "The provided request is signed with an unsupported signature version.");
    public static readonly ErrorCode UserKeyMustBeSpecified = new(400, nameof(UserKeyMustBeSpecified),
        "The bucket POST must contain the specified field name. If it is specified, check the order of the fields.");
    public static readonly ErrorCode XAmzContentChecksumMismatch = new(400, nameof(XAmzContentChecksumMismatch),
        "The provided 'x-amz-checksum' header does not match what was computed.");
    public static readonly ErrorCode XAmzContentSHA256Mismatch = new(400, nameof(XAmzContentSHA256Mismatch),
        "The provided 'x-amz-content-sha256' header does not match what was computed.");

    private ErrorCode(int status, string code, string message)
    {
        Status = status;
        Code = code;
        Message = message;
        ByName.Add(code, this);
    }

    /// <summary>HTTP status.</summary>
    public int Status { get; }

    public string Code { get; }

    /// <summary>Message when the place of the error has nothing more precise to say.</summary>
    public string Message { get; }

    public static IReadOnlyCollection<ErrorCode> All => ByName.Values;

    public override string ToString() => Code;
}
