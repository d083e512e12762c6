using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Deucalion.Querier.Api;

/// <summary>Lets pages of other origins call the API. Thread-safe.</summary>
internal sealed class CorsHeaders
{
    private readonly Regex? _origin;

    /// <summary>Allows the origins that match the whole expression, or all where it is null.</summary>
    public CorsHeaders(string? origin)
    {
        _origin = origin is null or ".*" ? null : new Regex($"\\A(?:{origin})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    /// <summary>Sets the headers of an answer.</summary>
    public void Apply(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.Append("Vary", "Origin");
        var origin = http.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || _origin?.IsMatch(origin) == false)
        {
            return;
        }

        headers.AccessControlAllowHeaders = "Accept, Authorization, Content-Type, Origin";
        headers.AccessControlAllowMethods = "GET, POST, OPTIONS";
        headers.AccessControlAllowOrigin = _origin is null ? "*" : origin;
        headers.AccessControlExposeHeaders = "Date";
    }
}
