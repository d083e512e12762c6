using Deucalion.Common.Tenants;
using Deucalion.Querier.Json;
using Microsoft.AspNetCore.Http;

namespace Deucalion.Querier.Api;

/// <summary>One request to an endpoint, which writes its <c>data</c> to <see cref="Output"/>.</summary>
internal sealed class ApiCall(HttpContext http, TenantId tenant, RequestParameters parameters, ResponseSink sink)
{
    /// <summary>Whose data.</summary>
    public TenantId Tenant { get; } = tenant;

    /// <summary>The parameters.</summary>
    public RequestParameters Parameters { get; } = parameters;

    /// <summary>Where the data goes.</summary>
    public JsonOutput Output => sink.Output;

    /// <summary>Cancelled when the client goes away.</summary>
    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>Texts of <c>warnings</c>.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Texts of <c>infos</c>.</summary>
    public List<string> Infos { get; } = [];

    /// <summary>Set by an endpoint that has nothing to say: the answer is 204.</summary>
    public bool NoContent { get; set; }

    /// <summary>A part of the path.</summary>
    public string PathValue(string name) => http.Request.RouteValues[name] as string ?? string.Empty;

    /// <summary>Sends what there is where it has become enough.</summary>
    public ValueTask FlushIfFullAsync() => sink.FlushIfFullAsync(Aborted);

    /// <summary>The time parameter in Unix milliseconds, or <paramref name="absent"/>.</summary>
    /// <exception cref="ApiException">It is no time.</exception>
    public long OptionalTime(string name, long absent)
    {
        var text = Parameters.Get(name);
        if (text.Length == 0)
        {
            return absent;
        }

        return ParameterText.TryTime(text, out var time, out var error)
            ? time
            : throw ApiException.InvalidParameter(name, $"invalid time value for '{name}': {error}");
    }

    /// <summary>The time parameter in Unix milliseconds.</summary>
    /// <exception cref="ApiException">It is absent or no time.</exception>
    public long RequiredTime(string name) =>
        ParameterText.TryTime(Parameters.Get(name), out var time, out var error) ? time : throw ApiException.InvalidParameter(name, error);

    /// <summary>The <c>limit</c> parameter; <see cref="ParameterText.NoLimit"/> where there is none.</summary>
    /// <exception cref="ApiException">It is no limit.</exception>
    public int Limit() =>
        ParameterText.TryLimit(Parameters.Get("limit"), out var limit, out var error) ? limit : throw ApiException.InvalidParameter("limit", error);

    /// <summary>Adds the warning that the answer was cut.</summary>
    public void WarnTruncated() => Warnings.Add("results truncated due to limit");
}

/// <summary>Answers a request, or throws before anything was sent.</summary>
internal delegate ValueTask ApiHandler(ApiCall call);

/// <summary>An endpoint.</summary>
/// <param name="Path">Route pattern below <c>/api/v1</c>.</param>
/// <param name="Methods">Methods it takes.</param>
/// <param name="Handler">What answers.</param>
internal sealed record ApiRoute(string Path, string[] Methods, ApiHandler Handler)
{
    private static readonly string[] Both = ["GET", "POST"];
    private static readonly string[] GetOnly = ["GET"];

    /// <summary>Value of the Allow header.</summary>
    public string Allow { get; } = string.Join(", ", Methods.Append("OPTIONS").Order(StringComparer.Ordinal));

    public static ApiRoute Get(string path, ApiHandler handler) => new(path, GetOnly, handler);

    public static ApiRoute GetOrPost(string path, ApiHandler handler) => new(path, Both, handler);
}
