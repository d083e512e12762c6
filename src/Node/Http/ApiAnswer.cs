using System.Text.Json;

namespace Deucalion.Node.Http;

/// <summary>Answers in the shape of Prometheus's API.</summary>
internal static class ApiAnswer
{
    /// <summary>The data that was asked for.</summary>
    public static Task SucceedAsync<T>(HttpContext context, T data) => WriteAsync(context, new { status = "success", data });

    /// <summary>An error, of one of Prometheus's types.</summary>
    public static Task FailAsync(HttpContext context, int status, string errorType, string error)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new { status = "error", errorType, error });
    }

    /// <summary>A whole body.</summary>
    public static Task WriteAsync<T>(HttpContext context, T body)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, body, cancellationToken: context.RequestAborted);
    }
}
