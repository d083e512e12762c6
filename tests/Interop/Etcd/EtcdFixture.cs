using Xunit;

namespace Deucalion.Interop.Etcd;

/// <summary>One etcd for the tests of a class; each test has keys of its own.</summary>
public sealed class EtcdFixture : IAsyncLifetime
{
    private EtcdMember? _member;
    private int _prefixes;

    internal EtcdMember Member => _member ?? throw new InvalidOperationException("not initialized");

    internal string NextPrefix() => $"test-{Interlocked.Increment(ref _prefixes)}/";

    public async ValueTask InitializeAsync() => _member = await EtcdMember.StartAsync();

    public ValueTask DisposeAsync()
    {
        _member?.Dispose();
        return ValueTask.CompletedTask;
    }
}
