using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination.Etcd.Messages;

namespace Deucalion.Replication.Coordination.Etcd;

/// <summary>What proves to etcd who calls: got for user and password, and again when etcd no longer takes it. Thread-safe.</summary>
internal sealed class EtcdToken : IDisposable
{
    private readonly AuthenticateRequest _request;
    private readonly Func<AuthenticateRequest, CancellationToken, ValueTask<string>> _authenticate;
    private readonly SemaphoreSlim _one = new(1);
    private volatile string? _token;

    public EtcdToken(string name, string password, Func<AuthenticateRequest, CancellationToken, ValueTask<string>> authenticate)
    {
        _request = new AuthenticateRequest { Name = name, Password = password };
        _authenticate = authenticate;
    }

    /// <summary>The token, null before the first or after it was dropped; empty where etcd wants none.</summary>
    public string? Current => _token;

    /// <summary>Whether a call failed because of its token: forgotten, older than a change of users, or none where authentication was switched on.</summary>
    public static bool IsStale(WireException failure) =>
        failure.Status == WireStatus.Unauthenticated
        || (failure.Status == WireStatus.InvalidArgument
            && (failure.Message.Contains("auth store is old", StringComparison.Ordinal) || failure.Message.Contains("user name is empty", StringComparison.Ordinal)));

    /// <summary>The token, got where there is none. <see cref="WireException"/> where that fails.</summary>
    public async ValueTask<string?> GetAsync(CancellationToken cancellationToken)
    {
        if (_token is { } known)
        {
            return known;
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            return _token ??= await _authenticate(_request, cancellationToken);
        }
        catch (WireException failure) when (failure.Status == WireStatus.FailedPrecondition && failure.Message.Contains("not enabled", StringComparison.Ordinal))
        {
            return _token = string.Empty;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    /// <summary>Forgets the token; the next call gets one.</summary>
    public void Drop() => _token = null;

    /// <summary>Forgets that token, unless there is another already.</summary>
    public void Drop(string token)
    {
        if (_token == token)
        {
            _token = null;
        }
    }
}
