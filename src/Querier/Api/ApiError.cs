namespace Deucalion.Querier.Api;

/// <summary>Classes of API errors, named in <c>errorType</c>.</summary>
internal enum ApiErrorType
{
    BadData,
    Execution,
    Canceled,
    Timeout,
    Internal,
    Unavailable,
}

/// <summary>A request fails with this answer; thrown only before the first byte was sent.</summary>
internal sealed class ApiException(ApiErrorType type, string message, Exception? inner = null) : Exception(message, inner)
{
    public ApiErrorType Type { get; } = type;

    public static ApiException BadData(string message) => new(ApiErrorType.BadData, message);

    public static ApiException InvalidParameter(string name, string cause) => BadData($"invalid parameter \"{name}\": {cause}");
}

/// <summary>Names and statuses of <see cref="ApiErrorType"/>.</summary>
internal static class ApiErrors
{
    // Nginx's number for a client that went away.
    private const int ClientClosedRequest = 499;

    public static string NameOf(ApiErrorType type) => type switch
    {
        ApiErrorType.BadData => "bad_data",
        ApiErrorType.Execution => "execution",
        ApiErrorType.Canceled => "canceled",
        ApiErrorType.Timeout => "timeout",
        ApiErrorType.Unavailable => "unavailable",
        _ => "internal",
    };

    public static int StatusOf(ApiErrorType type) => type switch
    {
        ApiErrorType.BadData => 400,
        ApiErrorType.Execution => 422,
        ApiErrorType.Canceled => ClientClosedRequest,
        ApiErrorType.Timeout => 503,
        _ => 500,
    };
}
