// What libjpeg-turbo's build would write: version texts, which nothing prints.
#define JVERSION ""
#define JCOPYRIGHT ""
#define JCOPYRIGHT_SHORT ""
