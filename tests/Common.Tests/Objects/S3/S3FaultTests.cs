using System.Text;
using Deucalion.Common.Objects;
using Deucalion.Common.Objects.S3;
using Deucalion.Testing.S3;
using Xunit;

namespace Deucalion.Common.Tests.Objects.S3;

/// <summary>A real service behind a way on which requests and answers fail: what is returned is right, or a failure says so.</summary>
[Collection(RadosGatewayFixture.Collection)]
[Trait("Category", "slow")]
public sealed class S3FaultTests(RadosGatewayFixture fixture) : IAsyncLifetime
{
    private readonly string _prefix = $"{Guid.NewGuid():N}/";
    private FaultProxy _proxy = null!;
    private S3ObjectStore _store = null!;
    private S3ObjectStore _direct = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _proxy = await FaultProxy.StartAsync(fixture.Gateway.Endpoint);
        _store = Open(_proxy.Endpoint, TimeSpan.FromSeconds(60));
        _direct = Open(fixture.Gateway.Endpoint, TimeSpan.FromSeconds(60));
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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task NothingIsEverWrong_WhenAllKindsOfFaultsHappen(int seed)
    {
        var random = new Random(seed);
        _proxy.Faults = _ => Draw(random);
        using var store = Open(_proxy.Endpoint, TimeSpan.FromSeconds(20));

        // What each key may hold: what was stored last for certain, and what may have been stored since.
        var possible = Enumerable.Range(0, 4).ToDictionary(static i => $"k/{i}", static _ => new HashSet<string?> { null });
        var revisions = new Dictionary<string, string?>();
        for (var step = 0; step < 120; step++)
        {
            var key = $"k/{random.Next(4)}";
            await StepAsync(store, random.Next(6), key, $"{seed}.{step}", possible[key], revisions);
        }

        foreach (var (key, values) in possible)
        {
            Assert.Contains(Text(await _direct.GetAsync(key, Token)), values);
        }
    }

    [Fact]
    public async Task WaitsOutAStandstill_WhenTheServiceDoesNotAnswerForAWhile()
    {
        await _direct.PutAsync("a", Bytes("1"), Token);
        fixture.Gateway.Signal(19);
        Task<StoredObject?> read;
        try
        {
            using var hasty = Open(fixture.Gateway.Endpoint, TimeSpan.FromMilliseconds(500));
            await Assert.ThrowsAnyAsync<ObjectStoreException>(async () => await hasty.GetAsync("a", Token));
            read = _direct.GetAsync("a", Token).AsTask();
        }
        finally
        {
            fixture.Gateway.Signal(18);
        }

        Assert.Equal("1", Text(await read));
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
                1 => new Fault.Answer(503, "SlowDown"),
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

    private static async Task StepAsync(
        S3ObjectStore store, int kind, string key, string text, HashSet<string?> possible, Dictionary<string, string?> revisions)
    {
        try
        {
            switch (kind)
            {
                case 0:
                    possible.Add(text);
                    await store.PutAsync(key, Bytes(text), Token);
                    possible.RemoveWhere(p => p != text);
                    break;
                case 1 or 2:
                    possible.Add(text);
                    var written = await store.PutIfAsync(key, Bytes(text), revisions.GetValueOrDefault(key), Token);
                    if (written is null)
                    {
                        possible.Remove(text);
                    }
                    else
                    {
                        possible.RemoveWhere(p => p != text);
                        revisions[key] = written;
                    }

                    break;
                case 3:
                    possible.Add(null);
                    await store.DeleteAsync(key, Token);
                    possible.RemoveWhere(static p => p is not null);
                    break;
                case 4:
                    var listed = new List<ObjectEntry>();
                    await foreach (var entry in store.ListAsync(key, Token))
                    {
                        listed.Add(entry);
                    }

                    Assert.True(listed.Count > 0 || possible.Contains(null));
                    Assert.True(listed.Count == 0 || possible.Any(static p => p is not null));
                    break;
                default:
                    var stored = await store.GetAsync(key, Token);
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

    private S3ObjectStore Open(Uri endpoint, TimeSpan total) => RadosGatewayFixture.Open(fixture.Gateway.Options(RadosGatewayFixture.Bucket, _prefix, endpoint) with
    {
        AttemptTimeout = TimeSpan.FromSeconds(5),
        TotalTimeout = total,
        FirstBackoff = TimeSpan.FromMilliseconds(20),
    });
}
