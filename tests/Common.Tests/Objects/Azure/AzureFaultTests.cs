using System.Text;
using Deucalion.Common.Objects;
using Deucalion.Common.Objects.Azure;
using Deucalion.Testing.S3;
using Xunit;

namespace Deucalion.Common.Tests.Objects.Azure;

/// <summary>A service behind a way on which requests and answers fail: what is returned is right, or a failure says so.</summary>
[Collection(AzuriteFixture.Collection)]
[Trait("Category", "slow")]
public sealed class AzureFaultTests(AzuriteFixture fixture) : IAsyncLifetime
{
    private readonly string _prefix = $"{Guid.NewGuid():N}/";
    private FaultProxy _proxy = null!;
    private AzureObjectStore _store = null!;
    private AzureObjectStore _direct = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _proxy = await FaultProxy.StartAsync(fixture.Azurite.Root);
        _store = Open(_proxy.Endpoint);
        _direct = Open(fixture.Azurite.Root);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        _direct.Dispose();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task ReadsWhatIsThere_WhenAnswersAreCutShort()
    {
        var content = Enumerable.Range(0, 100_000).Select(static i => (byte)i).ToArray();
        await _direct.PutAsync("a", content, Token);
        var count = 0;
        _proxy.Faults = _ => ++count % 3 == 0 ? null : new Fault.Truncate();
        Assert.True((await _store.GetAsync("a", Token))!.Content.Span.SequenceEqual(content));
        var part = new byte[50_000];
        Assert.Equal(50_000, await _store.GetRangeAsync("a", 1234, part, Token));
        Assert.True(part.AsSpan().SequenceEqual(content.AsSpan(1234, 50_000)));
        Assert.True(count >= 6);
    }

    [Fact]
    public async Task KnowsNotWhatBecameOfAConditionalWrite_WhenItsAnswerIsLost()
    {
        _proxy.Faults = static r => r.IsConditional ? new Fault.ResetAfter() : null;
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await _store.PutIfAsync("a", Bytes("1"), null, Token));
        var stored = await _store.GetAsync("a", Token);
        Assert.Equal("1", Text(stored));

        _proxy.Faults = static r => r.IsConditional ? new Fault.ResetBefore() : null;
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await _store.PutIfAsync("a", Bytes("2"), stored!.Revision, Token));
        Assert.Equal("1", Text(await _store.GetAsync("a", Token)));
        Assert.Equal(2, _proxy.Requests.Count(static r => r.IsConditional));
    }

    [Fact]
    public async Task StoresALongFile_WhenRequestsFailOnTheirWay()
    {
        var content = new byte[9_000_000];
        new Random(8).NextBytes(content);
        var path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, content, Token);
        var count = 0;
        _proxy.Faults = r => r.Target.Contains("comp=block", StringComparison.Ordinal)
            ? (Interlocked.Increment(ref count) % 4) switch { 1 => new Fault.ResetAfter(), 2 => new Fault.Answer(503, "ServerBusy"), _ => null }
            : null;
        await _store.PutFileAsync("long", path, Token);
        File.Delete(path);
        Assert.True((await _direct.GetAsync("long", Token))!.Content.Span.SequenceEqual(content));
        Assert.True(count > 6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task NothingIsEverWrong_WhenAllKindsOfFaultsHappen(int seed)
    {
        var random = new Random(seed);
        _proxy.Faults = _ => Draw(random);

        // What each key may hold: what was stored last for certain, and what may have been stored since.
        var possible = Enumerable.Range(0, 4).ToDictionary(static i => $"k/{i}", static _ => new HashSet<string?> { null });
        var revisions = new Dictionary<string, string?>();
        for (var step = 0; step < 100; step++)
        {
            var key = $"k/{random.Next(4)}";
            await StepAsync(random.Next(5), key, $"{seed}.{step}", possible[key], revisions);
        }

        foreach (var (key, values) in possible)
        {
            Assert.Contains(Text(await _direct.GetAsync(key, Token)), values);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("<?xml version=\"1.0\"?><EnumerationResults><Blobs><Blob><Name>a</Name></Blob></Blobs></EnumerationResults>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><EnumerationResults><Blobs/>&a;</EnumerationResults>")]
    public async Task SaysThatTheAnswerIsNone_WhenAListingIsSomethingElse(string body)
    {
        _proxy.Faults = _ => new Fault.Raw(200, body, ("Content-Type", "application/xml"));
        using var hasty = AzuriteFixture.Open(Options(_proxy.Endpoint) with { Limits = new RequestLimits { TotalTimeout = TimeSpan.FromMilliseconds(300) } });
        await Assert.ThrowsAnyAsync<ObjectStoreException>(async () =>
        {
            await foreach (var _ in hasty.ListAsync("a", Token))
            {
            }
        });
    }

    [Fact]
    public void ThrowsTypedErrorsOnly_WhenAListingIsDamaged()
    {
        var whole = Encoding.UTF8.GetBytes("""
            <?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://x/" ContainerName="c"><Prefix>p</Prefix><Blobs><Blob><Name>p/a &amp; b</Name><Properties><Last-Modified>Wed, 09 Sep 2009 09:20:02 GMT</Last-Modified><Etag>0x8CBFF45D8A29A19</Etag><Content-Length>100</Content-Length></Properties></Blob><BlobPrefix><Name>p/f/</Name></BlobPrefix></Blobs><NextMarker>m</NextMarker></EnumerationResults>
            """);
        var page = AzurePage.Parse(new MemoryStream(whole));
        Assert.Equal(("p/a & b", 100, "0x8CBFF45D8A29A19", "p/f/", "m"), (page.Items[0].Key, page.Items[0].Length, page.Items[0].Tag, page.Folders[0], page.Next));
        var random = new Random(5);
        for (var i = 0; i < 5000; i++)
        {
            var damaged = whole[..random.Next(1, whole.Length + 1)];
            for (var flips = random.Next(4); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                AzurePage.Parse(new MemoryStream(damaged));
            }
            catch (System.Xml.XmlException)
            {
            }
        }
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string? Text(StoredObject? stored) => stored is null ? null : Encoding.UTF8.GetString(stored.Content.Span);

    private static Fault? Draw(Random random)
    {
        lock (random)
        {
            return random.Next(20) switch
            {
                0 => new Fault.Answer(500, "InternalError"),
                1 => new Fault.Answer(503, "ServerBusy"),
                2 => new Fault.ResetBefore(),
                3 => new Fault.ResetAfter(),
                4 => new Fault.Truncate(),
                5 => new Fault.Raw(502, "<html>bad gateway</html>"),
                6 when random.Next(8) == 0 => new Fault.HangAfter(),
                7 when random.Next(8) == 0 => new Fault.Hang(),
                _ => null,
            };
        }
    }

    private async Task StepAsync(int kind, string key, string text, HashSet<string?> possible, Dictionary<string, string?> revisions)
    {
        try
        {
            switch (kind)
            {
                case 0:
                    possible.Add(text);
                    await _store.PutAsync(key, Bytes(text), Token);
                    possible.RemoveWhere(p => p != text);
                    break;
                case 1 or 2:
                    possible.Add(text);
                    if (await _store.PutIfAsync(key, Bytes(text), revisions.GetValueOrDefault(key), Token) is { } written)
                    {
                        possible.RemoveWhere(p => p != text);
                        revisions[key] = written;
                    }
                    else
                    {
                        possible.Remove(text);
                    }

                    break;
                case 3:
                    possible.Add(null);
                    await _store.DeleteAsync(key, Token);
                    possible.RemoveWhere(static p => p is not null);
                    break;
                default:
                    var stored = await _store.GetAsync(key, Token);
                    Assert.Contains(Text(stored), possible);
                    revisions[key] = stored?.Revision;
                    break;
            }
        }
        catch (ObjectStoreException)
        {
            // Said clearly; what it may have done is among the possible.
        }
    }

    private AzureOptions Options(Uri root) => fixture.Azurite.Options(AzuriteFixture.Container, _prefix, root) with
    {
        BlocksAbove = 2 << 20,
        BlockBytes = 1 << 20,
        Limits = new RequestLimits { AttemptTimeout = TimeSpan.FromSeconds(5), TotalTimeout = TimeSpan.FromSeconds(30), FirstBackoff = TimeSpan.FromMilliseconds(20) },
    };

    private AzureObjectStore Open(Uri root) => AzuriteFixture.Open(Options(root));
}
