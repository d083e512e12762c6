using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Deucalion.Common.Objects.S3;

/// <summary>Builds the client of the SDK so that nothing happens behind our back: no repetitions, no checksums that other stores do not know.</summary>
internal static class S3Client
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    // New addresses of the service are found in time, and connections that died silently go.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static AmazonS3Client Create(S3Options options)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
            ThrottleRetries = false,
            Timeout = Timeout.InfiniteTimeSpan,
            HttpClientFactory = new Connections(),
            IgnoreConfiguredEndpointUrls = true,

            // A clock that is far off is to be set right: other things depend on it.
            DisableClockSkewCorrection = true,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.ToString();
            config.AuthenticationRegion = options.Region ?? S3Options.DefaultRegion;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region ?? S3Options.DefaultRegion);
        }

        return options.AccessKey is { } accessKey
            ? new AmazonS3Client(new BasicAWSCredentials(accessKey, options.SecretKey), config)
            : new AmazonS3Client(config);
    }

    private sealed class Connections : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new WithoutExpect(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            AllowAutoRedirect = false,
            UseCookies = false,
        }))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }

    /// <summary>The SDK asks for a "100 Continue" before each body; what lies between us and the store may never send one, and a second is lost each time.</summary>
    private sealed class WithoutExpect(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.ExpectContinue = false;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
