using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Common.Objects.S3;
using Deucalion.Testing.S3;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Common.Tests.Objects.S3;

/// <summary>What we make of answers of a service: here nobody is behind the proxy, and it says what the test says.</summary>
public sealed class S3AnswerTests : IAsyncLifetime
{
    private readonly TestMeterFactory _meters = new();
    private FaultProxy _proxy = null!;
    private S3ObjectStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ReadOnlyMemory<byte> Content => "content"u8.ToArray();

    public async ValueTask InitializeAsync()
    {
        _proxy = await FaultProxy.StartAsync(service: null);
        _store = Open(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _proxy.DisposeAsync();
        _meters.Dispose();
    }

    public static TheoryData<Fault> FailuresThatMayPass =>
    [
        new Fault.Answer(500, "InternalError"),
        new Fault.Answer(502, "BadGateway"),
        new Fault.Raw(503, "<html>down</html>", ("Content-Type", "text/html")),
        new Fault.Answer(503, "SlowDown"),
        new Fault.Answer(504, "GatewayTimeout"),
        new Fault.Answer(429, "TooManyRequests"),
        new Fault.Answer(400, "RequestTimeout"),
        new Fault.ResetBefore(),
    ];

    [Theory]
    [MemberData(nameof(FailuresThatMayPass))]
    public async Task RepeatsWhatMayBeDoneTwice_WhenTheFailureMayPass(Fault fault)
    {
        var count = 0;
        _proxy.Faults = _ => ++count <= 3 ? fault : Stored("hello");
        var stored = await _store.GetAsync("a", Token);

        Assert.Equal("hello"u8, stored!.Content.Span);
        Assert.Equal(4, count);
        Assert.Equal(3, _meters.Sum("deucalion_object_store_repetitions_total"));
    }

    [Theory]
    [MemberData(nameof(FailuresThatMayPass))]
    public async Task SendsAConditionalWriteOnce_WhateverFails(Fault fault)
    {
        _proxy.Faults = _ => fault;
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await _store.PutIfAsync("a", Content, null, Token));
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await _store.PutIfAsync("a", Content, "0123", Token));

        Assert.Equal(["*", null], _proxy.Requests.Select(static r => r.Header("If-None-Match")));
        Assert.Equal([null, "0123"], _proxy.Requests.Select(static r => r.Header("If-Match")));
    }

    [Theory]
    [InlineData(412, "PreconditionFailed")]
    [InlineData(409, "ConditionalRequestConflict")]
    [InlineData(404, "NoSuchKey")]
    public async Task TellsThatTheConditionDoesNotHold(int status, string code)
    {
        _proxy.Faults = _ => new Fault.Answer(status, code);
        Assert.Null(await _store.PutIfAsync("a", Content, "0123", Token));
        Assert.Single(_proxy.Requests);
    }

    [Theory]
    [InlineData(403, "AccessDenied", "access denied; allow the credentials to")]
    [InlineData(403, "InvalidAccessKeyId", "correct bucket.s3.access_key")]
    [InlineData(403, "SignatureDoesNotMatch", "correct bucket.s3.secret_key")]
    [InlineData(400, "ExpiredToken", "credentials of the environment have expired")]
    [InlineData(404, "NoSuchBucket", "create it, or correct bucket.s3.bucket")]
    [InlineData(403, "RequestTimeTooSkewed", "let both follow a time server")]
    [InlineData(400, "AuthorizationHeaderMalformed", "correct bucket.s3.region")]
    [InlineData(301, "PermanentRedirect", "correct bucket.s3.region")]
    [InlineData(400, "IllegalLocationConstraintException", "correct bucket.s3.region")]
    [InlineData(400, "KMS.NotFoundException", "correct bucket.s3.kms_key_id")]
    [InlineData(405, "MethodNotAllowed", "the store refused (405 MethodNotAllowed: said by a test, request r1)")]
    public async Task SaysWhatToDo_AndDoesNotRepeat_WhenAskingAgainIsNoUse(int status, string code, string advice)
    {
        _proxy.Faults = _ => new Fault.Answer(status, code);
        var failures = new List<ObjectStoreException>
        {
            await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await _store.PutAsync("some/key", Content, Token)),
            await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await _store.PutIfAsync("some/key", Content, null, Token)),
            await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await _store.GetAsync("some/key", Token)),
            await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await _store.GetRangeAsync("some/key", 1, new byte[1], Token)),
            await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await _store.DeleteAsync("some/key", Token)),
        };
        Assert.Equal(failures.Count, _proxy.Requests.Count);
        string[] operations = ["put", "put_if", "get", "get_range", "delete"];
        Assert.All(failures.Zip(operations), pair =>
        {
            Assert.StartsWith($"{pair.Second} in bucket tests, key prefix/some/key: ", pair.First.Message, StringComparison.Ordinal);
            Assert.Contains(advice, pair.First.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("very-secret", pair.First.ToString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task GivesUp_WhenTheFailureDoesNotPass()
    {
        using var store = Open(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
        _proxy.Faults = _ => new Fault.Answer(503, "SlowDown");
        var failure = await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.PutAsync("a", Content, Token));
        Assert.Contains("the store is throttling", failure.Message, StringComparison.Ordinal);
        Assert.InRange(_proxy.Requests.Count, 3, 15);
    }

    [Fact]
    public async Task GivesUp_WhenNoAnswerComes()
    {
        using var store = Open(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));
        _proxy.Faults = _ => new Fault.Hang();
        var read = await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.GetAsync("a", Token));
        Assert.Contains("gave no answer within", read.Message, StringComparison.Ordinal);
        Assert.True(_proxy.Requests.Count > 1);
        _proxy.Clear();
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await store.PutIfAsync("a", Content, null, Token));
        Assert.Single(_proxy.Requests);
    }

    [Fact]
    public async Task StopsAtOnce_WhenCancelledWhileNoAnswerComes()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _proxy.Faults = _ =>
        {
            asked.TrySetResult();
            return new Fault.Hang();
        };
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var read = _store.GetAsync("a", cancelled.Token).AsTask();
        await asked.Task.WaitAsync(Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Single(_proxy.Requests);
    }

    [Fact]
    public async Task RefusesAStore_ThatDoesNotHonourRanges()
    {
        _proxy.Faults = _ => Stored("the whole object");
        var failure = await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await _store.GetRangeAsync("a", 4, new byte[5], Token));
        Assert.Contains("does not honour ranges", failure.Message, StringComparison.Ordinal);

        _proxy.Faults = _ => Part("the w", "bytes 0-4/16");
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await _store.GetRangeAsync("a", 4, new byte[5], Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public async Task ReadsToTheEnd_WhenNoLengthIsTold(int length)
    {
        // Answers of the proxy are passed on in pieces.
        var text = new string('x', length);
        _proxy.Faults = _ => Stored(text);
        Assert.Equal(length, (await _store.GetAsync("a", Token))!.Content.Length);
        _proxy.Faults = _ => Part(text, $"bytes 7-{6 + Math.Max(length, 1)}/1000000");
        var part = new byte[length + 10];
        Assert.Equal(length, length == 0 ? 0 : await _store.GetRangeAsync("a", 7, part, Token));
    }

    [Fact]
    public async Task RepeatsAPart_WhenLessComesThanIsSaid()
    {
        var count = 0;
        _proxy.Faults = _ => Part("hello world"[..(4 + (++count * 2))], "bytes 3-12/16");
        var part = new byte[20];
        Assert.Equal(10, await _store.GetRangeAsync("a", 3, part, Token));
        Assert.Equal("hello worl"u8, part.AsSpan(0, 10));
        Assert.Equal(3, count);
    }

    [Fact]
    public async Task RepeatsAListing_WhenItsPageCannotBeRead()
    {
        var count = 0;
        _proxy.Faults = _ => ++count == 1
            ? new Fault.Raw(200, "<ListBucketResult><Contents><Key>prefix/a</Key><Si", ("Content-Type", "application/xml"))
            : new Fault.Raw(200, "<ListBucketResult><Contents><Key>prefix/a</Key><Size>5</Size><ETag>\"77\"</ETag></Contents></ListBucketResult>", ("Content-Type", "application/xml"));
        var listed = new List<ObjectRevision>();
        await foreach (var revision in _store.ListRevisionsAsync("", Token))
        {
            listed.Add(revision);
        }

        Assert.Equal([new ObjectRevision("a", "77")], listed);
        Assert.Equal(2, count);
    }

    [Theory]
    [InlineData(S3Encryption.None, null, null)]
    [InlineData(S3Encryption.Aes256, "AES256", null)]
    [InlineData(S3Encryption.Kms, "aws:kms", "key-1")]
    public async Task AsksForEncryption_WhenToldTo(S3Encryption encryption, string? method, string? key)
    {
        using var store = Open(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), encryption);
        _proxy.Faults = _ => new Fault.Raw(200, "", ("ETag", "\"1\""));
        await store.PutAsync("a", Content, Token);
        Assert.Equal("1", await store.PutIfAsync("a", Content, null, Token));
        Assert.All(_proxy.Requests, r => Assert.Equal((method, key), (r.Header("x-amz-server-side-encryption"), r.Header("x-amz-server-side-encryption-aws-kms-key-id"))));
    }

    [Fact]
    public async Task PutsTheBucketWhereItIsTold()
    {
        _proxy.Faults = _ => Stored("x");
        await _store.GetAsync("a b+c", Token);
        var request = Assert.Single(_proxy.Requests);
        Assert.Equal("/tests/prefix/a%20b%2Bc", request.Target.Split('?')[0]);
        Assert.Contains("/us-west-7/s3/", request.Header("Authorization")!, StringComparison.Ordinal);

        // The name resolves nowhere, or to where the proxy is not; what counts is that it was tried.
        using var virtualHost = Open(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(1), endpoint: new Uri("http://s3.invalid"), pathStyle: false);
        var failure = await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await virtualHost.GetAsync("a", Token));
        Assert.Contains("bucket.s3.path_style", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prefix")]
    [InlineData("/")]
    [InlineData("a//")]
    [InlineData("../")]
    public void RefusesAPrefix_ThatIsNone(string prefix) =>
        Assert.Throws<ArgumentException>(() => RadosGatewayFixture.Open(new S3Options { Bucket = "b", Prefix = prefix }));

    private static Fault.Raw Stored(string text) => new(200, text, ("ETag", "\"1-1\""), ("Content-Type", "application/octet-stream"));

    private static Fault.Raw Part(string text, string range) => new(206, text, ("ETag", "\"1-1\""), ("Content-Range", range));

    private S3ObjectStore Open(TimeSpan attempt, TimeSpan total, S3Encryption encryption = S3Encryption.None, Uri? endpoint = null, bool pathStyle = true) => new(
        new S3Options
        {
            Endpoint = endpoint ?? _proxy.Endpoint,
            Bucket = "tests",
            Prefix = "prefix/",
            Region = "us-west-7",
            AccessKey = "access",
            SecretKey = "very-secret",
            PathStyle = pathStyle,
            Encryption = encryption,
            KmsKeyId = "key-1",
            AttemptTimeout = attempt,
            TotalTimeout = total,
            FirstBackoff = TimeSpan.FromMilliseconds(20),
        },
        new LinuxDisk(),
        new ObjectStoreMetrics(_meters),
        TimeProvider.System);
}
